import type { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import type { User } from "@audio/api";
import type { ReceiverEvents } from "../../events.js";
import type { WebChange, WebChanges } from "../changes.js";
import { WebFailure } from "../web-failure.js";
import { Audience, eventText } from "./audience.js";
import { Happenings } from "./happenings.js";
import { type Moment, momentOf, type NowSources } from "./view.js";

export interface EventFeedOptions {
  readonly sources: NowSources;
  readonly events: EventEmitter<ReceiverEvents>;
  readonly changes: WebChanges;
  readonly dataDir: string;
  /** Something of ours went wrong; the listeners have been cut off. */
  readonly onFault: (error: Error) => void;
}

const EVERY_MS = 1000;
const MOST_LISTENERS = 256;

/** Tells open pages what happens, as server-sent events. While nobody listens it does nothing at all. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #audiences = new Map<string, Audience>();
  #listeners = 0;
  #stopListening: (() => void) | undefined;
  #isClosed = false;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Those who are told. */
  get listeners(): number {
    return this.#listeners;
  }

  /**
   * What one more listener is told; destroy it when nobody reads it any more.
   * @throws WebFailure 503
   */
  async open(user: User): Promise<Readable> {
    if (this.#listeners >= MOST_LISTENERS || this.#isClosed) throw tooMany();
    this.#listeners++;
    try {
      const moment = await momentOf(this.#options.sources);
      this.#stopListening ??= this.#listen();
      return this.#audienceOf(user).join(moment, performance.now(), () => this.#left());
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  /** Tells nobody anything any more. */
  close(): void {
    this.#isClosed = true;
    for (const audience of this.#audiences.values()) audience.dismiss();
    this.#stop();
  }

  // A mistake of ours must not end the recordings.
  #fail(error: Error): void {
    for (const audience of this.#audiences.values()) audience.dismiss();
    this.#options.onFault(error);
  }

  #left(): void {
    this.#listeners--;
    for (const [key, audience] of this.#audiences) if (audience.size === 0) this.#audiences.delete(key);
    if (this.#listeners === 0) this.#stop();
  }

  #stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #audienceOf(user: User): Audience {
    const key = JSON.stringify([user.role, user.devices]);
    const audience = this.#audiences.get(key) ?? new Audience(user);
    this.#audiences.set(key, audience);
    return audience;
  }

  // Begins to look every second; returns what ends it.
  #listen(): () => void {
    const { events, changes, dataDir, sources } = this.#options;
    const happenings = new Happenings(events, dataDir);
    const endChanges = changes.listen((what) => this.#tellChange(what));
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const look = () => {
      momentOf(sources)
        .then((moment) => this.#tell(moment, happenings))
        .catch((error: Error) => this.#fail(error))
        .finally(() => {
          if (!isOver) timer = setTimeout(look, EVERY_MS);
        });
    };
    timer = setTimeout(look, EVERY_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
      endChanges();
      happenings.close();
    };
  }

  #tell(moment: Moment, happenings: Happenings): void {
    const { all, tooMany } = happenings.take();
    const news = { moment, happened: all, tooMany };
    for (const audience of this.#audiences.values()) audience.tell(news, performance.now());
  }

  #tellChange(what: WebChange): void {
    const text = eventText("changed", { what });
    for (const audience of this.#audiences.values()) audience.say(text, performance.now());
  }
}

function tooMany(): WebFailure {
  const message = `${MOST_LISTENERS} pages listen to events already: close one, or try again`;
  return new WebFailure(503, message, { "retry-after": "10" });
}
