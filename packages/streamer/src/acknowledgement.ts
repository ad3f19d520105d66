import { parseAcknowledgement } from "@audio/protocol";
import type { Clock } from "./clock.js";
import { reasonOf, StreamError } from "./errors.js";

/** A server that agreed to acknowledge does so right after the handshake; one that is silent for so long never will. */
const FIRST_ACK_MS = 5_000;

/** One that did acknowledge and came back may be busy with its recovery. */
const RESUME_MS = 30_000;

/** What stands in a server's silence after a handshake. */
export interface OnSilence {
  /** It never acknowledged anything: it does not know how. */
  readonly unable: () => void;
  /** It did before; `reason` says for how long it has not. */
  readonly late: (reason: string) => void;
}

/** Whether the server of one stream acknowledges, and what it says. */
export class Acknowledgement {
  private seen = false;
  private session = 0n;
  private cancel: (() => void) | undefined;

  /** @param on it is to be asked to; from then on: it does, or may */
  constructor(
    public on: boolean,
    private readonly clock: Clock,
  ) {}

  /**
   * A connection was made, to a server that agreed or did not.
   *
   * @param open how many frames are not acknowledged
   * @throws StreamError `server-refused` if it did on an earlier connection: to go on without would lose or double them
   */
  agree(agreed: boolean, open: number): void {
    if (agreed || !this.on) return;
    if (this.seen) {
      const message = `the server does not acknowledge any more, with ${open} frames open: start the stream again`;
      throw new StreamError("server-refused", message);
    }
    this.on = false;
  }

  /** The handshake was sent: the first acknowledgement must come. */
  expect(session: bigint, { unable, late }: OnSilence): void {
    this.session = session;
    const tooLate = () =>
      late(`the server acknowledged nothing within ${RESUME_MS / 1000} s of the handshake`);
    const never = () => {
      this.on = false;
      unable();
    };
    this.cancel = this.seen ? this.clock.after(RESUME_MS, tooLate) : this.clock.after(FIRST_ACK_MS, never);
  }

  /** It is not waited for any more. */
  stopExpecting(): void {
    this.cancel?.();
  }

  /** The `next_seq` of a message. @throws StreamError `invalid-acknowledgement` */
  read(bytes: Uint8Array): number {
    const { nextSeq, session } = parse(bytes);
    if (session !== this.session) {
      throw invalid(`invalid acknowledgement: session ${session} is not this stream's ${this.session}`);
    }
    this.seen = true;
    this.cancel?.();
    return nextSeq;
  }
}

/** The server asks for a frame that no one sent: it takes this stream for another. */
export function unknownFrame(nextSeq: number, sent: number): StreamError {
  const frames = `${sent} frame${sent === 1 ? "" : "s"}`;
  return invalid(
    `invalid acknowledgement: next_seq ${nextSeq} of a stream of which ${frames} were sent; does another sender use this device and stream id?`,
  );
}

function parse(bytes: Uint8Array): ReturnType<typeof parseAcknowledgement> {
  try {
    return parseAcknowledgement(bytes);
  } catch (error) {
    throw invalid(reasonOf(error));
  }
}

function invalid(found: string): StreamError {
  return new StreamError("invalid-acknowledgement", `the server sent an ${found}`);
}
