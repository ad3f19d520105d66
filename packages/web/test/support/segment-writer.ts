import { linkSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Catalogue, Form, SegmentFacts } from "@audio/archive";
import { encodeAudio, findFfmpeg } from "@audio/compress";
import { detectSoundEvents, LevelMeter, type SoundEventState, summarize } from "@audio/levels";
import { compileTemplate, DEFAULT_TEMPLATES, type Gap, type TimeZone } from "@audio/segments";
import { formatMetadata, formatWavHeader, type RecordingMetadata } from "@audio/wav";
import { CODE_RATE } from "./time-code.js";

/** Whose a segment is, and when it begins. */
export interface Placed {
  readonly device: string;
  readonly streamId: number;
  readonly source: NonNullable<SegmentFacts["source"]>;
  readonly startUs: number;
}

/** Sound at CODE_RATE, 16 bits, with what is measured of it. */
export interface Sound {
  readonly bytes: Uint8Array;
  readonly channels: number;
  readonly levels: NonNullable<SegmentFacts["levels"]>;
}

export function measured(samples: Int16Array, channels: number): Sound {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const meter = new LevelMeter(CODE_RATE, channels, 16);
  meter.add(bytes, 0, bytes.length);
  return { bytes, channels, levels: summarize(meter.levels()) };
}

const stemOf = compileTemplate(DEFAULT_TEMPLATES.device);

/** Writes finished segments as the recorder leaves them, and enters them into the catalogue as the keeper does. */
export class SegmentWriter {
  readonly #dataDir: string;
  readonly #zone: TimeZone;
  readonly #catalogue: Catalogue;
  readonly #first = new Map<Sound, string>();
  readonly #folders = new Set<string>();
  readonly #heard = new Map<string, SoundEventState>();

  constructor(dataDir: string, zone: TimeZone, catalogue: Catalogue) {
    this.#dataDir = dataDir;
    this.#zone = zone;
    this.#catalogue = catalogue;
  }

  /** A WAV with all that it says about itself. */
  wav(placed: Placed, sound: Sound, gaps: readonly Gap[] = []): void {
    const facts = this.#facts(placed, sound, gaps);
    const metadata = formatMetadata(this.#metadata(facts), sound.bytes.length);
    this.#enter(facts, "wav", this.#write(`${facts.stem}.wav`, sound, metadata));
  }

  /** A WAV of which the name tells everything: many can be one file under many names, as days of it would fill disks. */
  repeated(placed: Placed, sound: Sound): void {
    const facts = this.#facts(placed, sound, []);
    const path = `${facts.stem}.wav`;
    const first = this.#first.get(sound);
    if (first === undefined) {
      this.#write(path, sound, new Uint8Array(0));
      this.#first.set(sound, path);
    } else linkSync(join(this.#dataDir, first), this.#path(path));
    this.#enter(facts, "wav", formatWavHeader(formatOf(sound), 0).length + sound.bytes.length);
  }

  /** A FLAC, as if it had been compressed and the WAV deleted. */
  async flac(placed: Placed, sound: Sound): Promise<void> {
    const facts = this.#facts(placed, sound, []);
    const path = this.#path(`${facts.stem}.flac`);
    const options = {
      format: "flac",
      flacLevel: 2,
      ...formatOf(sound),
      metadata: this.#metadata(facts),
    } as const;
    await encodeAudio(await findFfmpeg(), one(sound.bytes), path, options);
    this.#enter(facts, "flac", statSync(path).size);
  }

  #write(path: string, sound: Sound, metadata: Uint8Array): number {
    const header = formatWavHeader(formatOf(sound), sound.bytes.length, metadata.length);
    const file = Buffer.concat([header, sound.bytes, metadata]);
    writeFileSync(this.#path(path), file);
    return file.length;
  }

  #path(path: string): string {
    const absolute = join(this.#dataDir, path);
    const folder = dirname(absolute);
    if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true });
    this.#folders.add(folder);
    return absolute;
  }

  #facts(placed: Placed, sound: Sound, gaps: readonly Gap[]): SegmentFacts {
    const { bytes, channels, levels } = sound;
    const stem = stemOf({ ...placed, start: this.#zone.local(placed.startUs) });
    const samples = bytes.length / 2 / channels;
    return { ...placed, ...formatOf(sound), stem, samples, gaps, levels };
  }

  #metadata({
    device,
    streamId,
    source,
    startUs,
    sampleRate,
    samples,
    gaps,
  }: SegmentFacts): RecordingMetadata {
    const origin = {
      device,
      streamId,
      source: source ?? "websocket",
      startUs,
      local: this.#zone.local(startUs),
    };
    return { ...origin, sampleRate, samples, software: "audio-receiver 0.1.0", gaps };
  }

  // What the keeper does with a segment that has just been recorded.
  #enter(facts: SegmentFacts, form: Form, bytes: number): void {
    const { device, streamId, startUs, levels } = facts;
    this.#catalogue.segments.put(facts, [{ form, bytes }]);
    const stream = `${device} ${streamId}`;
    const track = levels?.track ?? new Uint8Array(0);
    const { events, state } = detectSoundEvents({ startUs, track }, this.#heard.get(stream));
    this.#heard.set(stream, state);
    for (const event of events) this.#catalogue.sounds.put({ device, streamId, ...event });
  }
}

function formatOf({ channels }: Sound) {
  return { sampleRate: CODE_RATE, channels, bitsPerSample: 16 } as const;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
