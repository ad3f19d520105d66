import type { EventEmitter } from "node:events";
import { NAMELESS } from "@audio/api";
import type { CloseCause, ReceiverEvents, StreamClose } from "../../events.js";

// Names come from whoever may send.
const MOST_DEVICES = 2000;

const WORDS: Readonly<Record<CloseCause, string | undefined>> = {
  "peer-closed": "it has ended its stream itself",
  "connection-lost": "its connection was lost",
  refused: "it was cut off",
  idle: "it fell silent, so its connection was closed",
  "server-stopping": undefined,
};

/** Why devices are not connected any more, as far as this run of the receiver has seen it. */
export class LastEnds {
  readonly #words = new Map<string, string>();

  constructor(events: EventEmitter<ReceiverEvents>) {
    events.on("stream:close", (close) => this.#remember(close));
  }

  /** In words; undefined when nobody saw it. */
  of(device: string): string | undefined {
    return this.#words.get(device);
  }

  #remember({ stream: { device = NAMELESS }, cause, detail }: StreamClose): void {
    this.#words.delete(device);
    const words = WORDS[cause];
    if (words === undefined) return;
    this.#words.set(device, detail === "" ? words : `${words}: ${detail}`);
    if (this.#words.size <= MOST_DEVICES) return;
    const [oldest] = this.#words.keys();
    this.#words.delete(oldest);
  }
}
