/** An open port. */
export interface Listener {
  readonly port: number;
  /** Connections that are open, or senders that are known. */
  readonly connections: number;
  /** Accepts nobody any more, says goodbye to everybody; resolves when the last connection is gone. */
  stop(): Promise<void>;
}
