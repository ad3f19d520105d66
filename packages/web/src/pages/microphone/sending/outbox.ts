type Message = Uint8Array<ArrayBuffer>;

/**
 * Frames between the microphone and the receiver's disk, oldest first, numbered from 0 in the order in which they came.
 * What is acknowledged is forgotten; what is more than the limit is lost from the oldest on.
 */
export class Outbox {
  private messages: Message[] = [];
  /** Number of the oldest that is kept. */
  private start = 0;
  /** Number of the next to send. */
  private next = 0;

  /** Bytes that are kept. */
  bytes = 0;
  /** Frames that were given up because the receiver was away for too long. */
  dropped = 0;

  constructor(private readonly maxBytes: number) {}

  /** Frames that came so far. */
  get count(): number {
    return this.start + this.messages.length;
  }

  /** Frames that are on the receiver's disk, or given up. */
  get settled(): number {
    return this.start;
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  push(message: Message): void {
    this.messages.push(message);
    this.bytes += message.length;
    let over = 0;
    for (let bytes = this.bytes; bytes > this.maxBytes; over++) bytes -= this.messages[over].length;
    this.dropped += over;
    this.forget(over);
  }

  /** The next frame to send, which then counts as sent; undefined when there is none. */
  take(): Message | undefined {
    const message = this.messages[this.next - this.start];
    if (message !== undefined) this.next++;
    return message;
  }

  /** Forgets what is on the receiver's disk: all before `nextSeq`. */
  acknowledge(nextSeq: number): void {
    this.forget(Math.min(nextSeq, this.next) - this.start);
  }

  /** A new connection goes on where the receiver stands, or with the oldest that is kept. */
  resume(nextSeq: number): void {
    this.next = Math.min(this.count, Math.max(this.next, nextSeq));
    this.acknowledge(nextSeq);
    this.next = this.start;
  }

  private forget(count: number): void {
    if (count <= 0) return;
    for (const { length } of this.messages.splice(0, count)) this.bytes -= length;
    this.start += count;
    this.next = Math.max(this.next, this.start);
  }
}
