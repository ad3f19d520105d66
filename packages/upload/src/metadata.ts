import { formatGaps, type ListedGap, parseGaps } from "./gap-list.js";

/** What goes with an object, by name; names are `a-z 0-9 -`, values any text. */
export type ObjectMetadata = Readonly<Record<string, string | number | undefined>>;

/** What is known of a segment, as far as an object's metadata holds it. */
export interface SegmentMetadata {
  /** Path below the data directory without extension. */
  readonly stem: string;
  readonly device: string | undefined;
  readonly source: string | undefined;
  /** 0 … 2³²−1 */
  readonly streamId: number;
  /** UTC, microseconds since the epoch, of the first sample frame. */
  readonly startUs: number;
  /** Sample frames. */
  readonly samples: number;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** The first of them, if there are more than metadata has room for. */
  readonly gaps: readonly ListedGap[];
}

// "The user-defined metadata portion is limited to 2 KB": Amazon S3 user guide, "Working with object metadata".
// Some of it is for our own two entries, the hash and the part size.
const LIMIT_BYTES = 2048 - 128;

/** A segment's facts as metadata for `put`: enough that a catalogue can be rebuilt from the bucket. */
export function segmentMetadata(facts: SegmentMetadata): ObjectMetadata {
  const metadata = {
    stem: facts.stem,
    device: facts.device,
    source: facts.source,
    "stream-id": facts.streamId,
    "start-us": facts.startUs,
    samples: facts.samples,
    "sample-rate": facts.sampleRate,
    channels: facts.channels,
    bits: facts.bitsPerSample,
  };
  const gaps = formatGaps(facts.gaps, facts.startUs);
  return bytesOf(headersOf({ ...metadata, gaps })) > LIMIT_BYTES ? metadata : { ...metadata, gaps };
}

/** The facts that `segmentMetadata` wrote; undefined when they are not all there. */
export function parseSegmentMetadata(metadata: ObjectMetadata): SegmentMetadata | undefined {
  const { stem } = metadata;
  const numbers = ["stream-id", "start-us", "samples", "sample-rate", "channels", "bits"].map((name) =>
    wholeNumber(metadata[name]),
  );
  if (stem === undefined || stem === "" || numbers.includes(undefined)) return undefined;
  const [streamId, startUs, samples, sampleRate, channels, bitsPerSample] = numbers as number[];
  const device = metadata.device?.toString();
  const source = metadata.source?.toString();
  return {
    stem: String(stem),
    device,
    source,
    streamId,
    startUs,
    samples,
    sampleRate,
    channels,
    bitsPerSample,
    gaps: parseGaps(metadata.gaps?.toString(), startUs),
  };
}

/**
 * As header values: ASCII, whatever the text (percent-encoded UTF-8, as `encodeURIComponent`).
 * @throws RangeError for a name that no header takes, or more than a store keeps
 */
export function formatMetadata(metadata: ObjectMetadata): Record<string, string> {
  const bad = Object.keys(metadata).find((name) => !/^[a-z0-9-]{1,64}$/.test(name));
  if (bad !== undefined) throw new RangeError(`metadata name "${bad}": allowed are 1 … 64 of a-z 0-9 -`);
  const headers = headersOf(metadata);
  const bytes = bytesOf(headers);
  if (bytes > LIMIT_BYTES) throw new RangeError(`metadata is ${bytes} bytes, limit ${LIMIT_BYTES}`);
  return headers;
}

/** What `formatMetadata` made, as it was; what another program wrote stays as it is. */
export function parseMetadata(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, decoded(value)]));
}

function headersOf(metadata: ObjectMetadata): Record<string, string> {
  const given = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, encodeURIComponent(wellFormed(String(value)))]),
  );
}

function bytesOf(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

// A lone surrogate has no UTF-8; encodeURIComponent throws at one.
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}

function wholeNumber(value: string | number | undefined): number | undefined {
  if (value === undefined || !/^\d{1,16}$/.test(String(value))) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
