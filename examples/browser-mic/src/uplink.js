// Frames → WebSocket, so that none is lost: each is kept until the receiver says that it is on its disk.
import { ACK_SUBPROTOCOL, CLOSE_CODES, formatHandshake, parseAcknowledgement } from "@audio/protocol";

/** 10 minutes of frames of 20 ms, 5 MB at 16 kHz: how long the receiver may be away. */
const MAX_FRAMES = 30_000;
/** No more waits inside the browser, where nothing can be taken back. */
const MAX_QUEUED_BYTES = 64 * 1024;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** So long does the goodbye wait for the last acknowledgement. */
const FAREWELL_MS = 10_000;

export class Uplink {
  #url;
  #handshake;
  #onState;
  #frames = []; // oldest first
  #first = 0; // number of the oldest
  #next = 0; // number of the next to send
  #socket;
  #isGreeted = false;
  #failures = 0;
  #timer;
  #isOver = false;
  #onEmpty = () => undefined;
  /** Frames that were given up because the receiver was away for too long. */
  dropped = 0;

  /**
   * @param url `ws://host:5096/ws/NAME`, with `?token=…` where one is needed
   * @param sampleRate Hz
   * @param onState told of `connecting`, `recording`, `waiting`, `refused`, and why
   */
  constructor(url, sampleRate, onState) {
    this.#url = url;
    this.#onState = onState;
    // The same handshake on every connection: by its time the receiver knows the stream again.
    this.#handshake = formatHandshake({
      streamId: 1,
      sampleRate,
      channels: 1,
      codec: "ima-adpcm",
      frameSamples: Math.round(sampleRate / 50),
      timestampMs: BigInt(Date.now()),
    });
    this.#connect();
  }

  /** Frames that are on the receiver's disk. */
  get stored() {
    return this.#first - this.dropped;
  }

  /** Frames that wait for that. */
  get waiting() {
    return this.#frames.length;
  }

  push(frame) {
    this.#frames.push(frame);
    // Its number stays unused: the receiver puts silence in its place, and lists it as a gap.
    if (this.#frames.length > MAX_FRAMES) {
      this.dropped++;
      this.#forget(1);
    }
    this.#flush();
  }

  /** Waits until all is on disk, 10 s at most, and closes. */
  async end() {
    if (this.#frames.length > 0 && !this.#isOver) {
      await new Promise((resolve) => {
        this.#onEmpty = resolve;
        setTimeout(resolve, FAREWELL_MS);
        this.#flush();
      });
    }
    this.#close();
  }

  #connect() {
    this.#onState("connecting");
    const socket = new WebSocket(this.#url, [ACK_SUBPROTOCOL]);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(this.#handshake);
    socket.onmessage = ({ data }) => this.#acknowledged(parseAcknowledgement(new Uint8Array(data)));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#socket = socket;
  }

  /** The first acknowledgement of a connection says where to go on, every later one what can be forgotten. */
  #acknowledged({ nextSeq }) {
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      this.#failures = 0;
      this.#onState("recording");
      this.#forget(nextSeq - this.#first);
      this.#next = this.#first;
    } else this.#forget(Math.min(nextSeq, this.#next) - this.#first);
    this.#flush();
    if (this.#frames.length === 0) this.#onEmpty();
  }

  #forget(count) {
    if (count <= 0) return;
    this.#first += this.#frames.splice(0, count).length;
    this.#next = Math.max(this.#next, this.#first);
  }

  #flush() {
    if (!this.#isGreeted) return;
    while (this.#socket.bufferedAmount < MAX_QUEUED_BYTES) {
      const frame = this.#frames[this.#next - this.#first];
      if (frame === undefined) return;
      this.#socket.send(frame);
      this.#next++;
    }
  }

  #closed(code, reason) {
    this.#isGreeted = false;
    if (this.#isOver) return;
    if (code === CLOSE_CODES.policyViolation || code === CLOSE_CODES.superseded) {
      this.#close();
      this.#onState("refused", reason);
      return;
    }
    // Browsers do not tell a page why a connection could not be made: no receiver there, or no right token.
    this.#onState("waiting", reason || "no connection: is the receiver there, and does it ask for a token?");
    const longest = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #close() {
    this.#isOver = true;
    this.#isGreeted = false;
    clearTimeout(this.#timer);
    this.#socket.close(CLOSE_CODES.normal);
    this.#onEmpty();
  }
}
