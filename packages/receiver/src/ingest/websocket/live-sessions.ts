import type { AcknowledgedSession } from "@audio/archive";
import type { Handshake } from "@audio/protocol";
import type { Streams } from "../../streams.js";
import type { FramedSession } from "../framed-session.js";

/** A connection that carries an acknowledged session. */
export interface SessionCarrier {
  /** Gives the stream to another connection, and closes. */
  giveUp(): FramedSession | undefined;
}

/** Which connection carries which acknowledged session: a sender that comes back takes over from its former self. */
export class LiveSessions {
  readonly #streams: Streams;
  readonly #carriers = new Map<AcknowledgedSession, SessionCarrier>();
  #unnamed = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** The session that a handshake begins or goes on with; a sender that knows no time always begins one. */
  sessionOf(handshake: Handshake, hwid: string | undefined): AcknowledgedSession {
    const { streamId, timestampMs, codec, channels, frameSamples, sampleRate } = handshake;
    const own = timestampMs === 0n ? `unnamed ${process.pid} ${Date.now()} ${++this.#unnamed}` : timestampMs;
    const format = { codec, channels, frameSamples, sampleRate };
    return this.#streams.session(`${hwid ?? ""} ${streamId} ${own}`, format);
  }

  /** Makes `carrier` the one that carries the session. Returns the stream of the one before, if that was live. */
  take(session: AcknowledgedSession, carrier: SessionCarrier): FramedSession | undefined {
    const before = this.#carriers.get(session);
    this.#carriers.set(session, carrier);
    return before?.giveUp();
  }

  /** `carrier` carries the session no more. */
  leave(session: AcknowledgedSession, carrier: SessionCarrier): void {
    if (this.#carriers.get(session) === carrier) this.#carriers.delete(session);
  }
}
