// What this program does with what it records.

/** What is done with a finished segment, by the device's name. Yours goes here: files may take as long as they take. */
const ACTIONS = {
  async kitchen({ levels }) {
    const loudest = Math.max(...levels.rmsDbfs); // one value a second; 0 is full scale
    console.log(`kitchen: loudest second ${loudest.toFixed(1)} dBFS`);
  },
  async default({ stream, path }) {
    console.log(`${stream.device ?? "somebody"}: ${path}`);
  },
};

/** Follows a receiver's events: what each device has recorded, and what is missing of it. */
export class Devices {
  /** By name: when it was heard, its last finished file, seconds recorded and missing. */
  #known = new Map();
  /** Segments are dealt with one after the other, beside the recording. */
  #work = Promise.resolve();

  constructor({ events }) {
    events.on("stream:open", ({ stream, codec }) => {
      console.log(
        `${stream.device ?? "somebody"} sends ${codec}, ${stream.sampleRate} Hz, ${stream.channels} channel(s)`,
      );
    });
    events.on("stream:close", ({ stream, cause, detail }) => {
      console.log(`${stream.device ?? "somebody"} is gone: ${cause} ${detail}`);
    });
    // A segment that is complete is a finished file: synced, under its final name, never touched again.
    events.on("segment:complete", (segment) => this.#completed(segment));
    // Audio that is missing is said to be missing, with its place and its cause.
    events.on("gap", ({ stream, samples, cause }) => {
      this.#of(stream).missingSeconds += samples / stream.sampleRate;
      console.log(`${stream.device ?? "somebody"}: ${samples / stream.sampleRate} s missing (${cause})`);
    });
    events.on("disk", ({ trouble, detail }) => console.log(trouble ?? "recording again", detail));
  }

  /** What is known of a device; undefined if nothing was heard of it. */
  find(name) {
    return this.#known.get(name);
  }

  all() {
    return Object.fromEntries(this.#known);
  }

  /** Resolves when all that was recorded so far is dealt with. */
  settled() {
    return this.#work;
  }

  // Listeners are called while the receiver works: be quick, do not throw, and do the rest later.
  #completed(segment) {
    const { stream, path, startUs, samples } = segment;
    const device = this.#of(stream);
    device.lastPath = path;
    device.lastStart = new Date(startUs / 1000).toISOString();
    device.recordedSeconds += samples / stream.sampleRate;
    const act = Object.hasOwn(ACTIONS, stream.device ?? "") ? ACTIONS[stream.device] : ACTIONS.default;
    this.#work = this.#work
      .then(() => act(segment))
      .catch((error) => console.error(`${path}: ${error.message}`)); // the next one has its turn all the same
  }

  #of({ device = "~" }) {
    const known = this.#known.get(device) ?? { recordedSeconds: 0, missingSeconds: 0 };
    this.#known.set(device, known);
    return known;
  }
}
