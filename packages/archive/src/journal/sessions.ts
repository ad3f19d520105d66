import { AcknowledgedSession, type Committer } from "./acknowledged-session.js";
import type { SessionFormat, SessionNote } from "./records.js";

// Their notes, 200 bytes each, begin every generation of the journal.
const REMEMBERED_SESSIONS = 10_000;

/** All acknowledged sessions that a sender may come back to, the longest forgotten one first. */
export class Sessions {
  readonly #committer: Committer;
  readonly #byKey = new Map<string, AcknowledgedSession>();
  /** How many recordings use it: one that ends and the next may overlap. */
  readonly #users = new Map<AcknowledgedSession, number>();
  #nextId: number;

  constructor(committer: Committer, nextId: number, known: Iterable<SessionNote>) {
    this.#committer = committer;
    this.#nextId = nextId;
    for (const note of known) this.#byKey.set(note.key, new AcknowledgedSession(committer, note));
  }

  /** The session of this key and format, known or new. */
  enter(key: string, format: SessionFormat): AcknowledgedSession {
    const fullKey = `${key} ${format.codec} ${format.channels} ${format.frameSamples} ${format.sampleRate}`;
    const session = this.#byKey.get(fullKey) ?? this.#create(fullKey, format);
    this.#byKey.delete(fullKey);
    this.#byKey.set(fullKey, session);
    this.#forgetOldest();
    return session;
  }

  /** Resolves when everything that the session of this number has taken is on disk. */
  async settled(id: number): Promise<void> {
    for (const session of this.#byKey.values()) if (session.id === id) await session.settled();
  }

  /** The session is not forgotten before as many calls of `leave`. */
  use(session: AcknowledgedSession): void {
    this.#users.set(session, (this.#users.get(session) ?? 0) + 1);
  }

  /** Undoes one `use`. */
  leave(session: AcknowledgedSession): void {
    const users = (this.#users.get(session) ?? 1) - 1;
    if (users > 0) this.#users.set(session, users);
    else this.#users.delete(session);
  }

  /** Every session as it stands on disk. */
  *notes(): Generator<SessionNote> {
    for (const session of this.#byKey.values()) yield session.note;
  }

  #create(key: string, format: SessionFormat): AcknowledgedSession {
    const id = this.#nextId++;
    const session = new AcknowledgedSession(this.#committer, {
      kind: "session",
      id,
      key,
      format,
      nextSeq: 0,
      index: 0,
      segments: 0,
    });
    this.#committer.note(session.note);
    return session;
  }

  #forgetOldest(): void {
    if (this.#byKey.size <= REMEMBERED_SESSIONS) return;
    for (const [key, session] of this.#byKey) {
      if (this.#users.has(session)) continue;
      this.#byKey.delete(key);
      return;
    }
  }
}
