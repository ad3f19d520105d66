import { ServerEvents } from "@audio/api";
import { until } from "./waiting.js";

type Told = { [Name in keyof ServerEvents]: { event: Name; data: ServerEvents[Name] } }[keyof ServerEvents];

/** Reads server-sent events, each checked by its schema. */
export class EventReader implements AsyncDisposable {
  readonly told: Told[] = [];
  comments = 0;
  #rest = "";

  private constructor(
    readonly response: Response,
    private readonly stop: AbortController,
  ) {}

  static async open(look: (init: { signal: AbortSignal }) => Promise<Response>): Promise<EventReader> {
    const stop = new AbortController();
    const reader = new EventReader(await look({ signal: stop.signal }), stop);
    void reader.#read();
    return reader;
  }

  /** The first event of a kind, or the first that fits. */
  next<Name extends keyof ServerEvents>(
    name: Name,
    fits: (data: ServerEvents[Name]) => boolean = () => true,
  ): Promise<ServerEvents[Name]> {
    return until(`event ${name}`, () => {
      const found = this.told.find(({ event, data }) => event === name && fits(data as ServerEvents[Name]));
      return found?.data as ServerEvents[Name] | undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      const chunks = this.response.body!.getReader();
      for (let part = await chunks.read(); !part.done; part = await chunks.read())
        this.#take(decoder.decode(part.value, { stream: true }));
    } catch (error) {
      if (!this.stop.signal.aborted && !(error instanceof TypeError)) throw error; // TypeError: cut off
    }
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop()!;
    for (const block of blocks) {
      if (block.startsWith(":")) this.comments++;
      const [, event, data] = /^event: (\w+)\ndata: (.+)$/.exec(block) ?? [];
      if (data === undefined) continue;
      const name = event as keyof ServerEvents;
      this.told.push({ event: name, data: ServerEvents[name].parse(JSON.parse(data)) } as Told);
    }
  }
}
