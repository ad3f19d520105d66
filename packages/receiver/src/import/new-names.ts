import { type FactsContext, namedStart } from "@audio/archive";
import { compileTemplate, DEFAULT_TEMPLATES } from "@audio/segments";

/** How recordings are named here, and how their names are read. */
export interface NewNames extends FactsContext {
  readonly pcm: string;
  readonly device: string;
  readonly anonymous: string;
}

/** What is known of a segment that needs a name. */
export interface Placed {
  readonly device: string | undefined;
  readonly streamId: number;
  readonly source: string;
  /** UTC, microseconds since the epoch. */
  readonly startUs: number;
  /** Sample frames; 0 if unknown. */
  readonly samples: number;
  /** Hz */
  readonly sampleRate: number;
  /** Last write of the old file: UTC, milliseconds since the epoch. */
  readonly writtenMs: number;
  /** Its time of the last write stays as it is. */
  readonly isLink: boolean;
}

// Stands in paths for a device without a name; what is known of the recording says that it has none.
const NAMELESS = "nameless";
const MOST_OFF_US = 1_000_000;

/**
 * The name of a segment: path below the data directory without extension.
 * @param tells whether one of its files says by itself what the segment is; if not, the name has to, and one of the
 *   default templates is taken where the configured one does not do it
 */
export function nameFor(placed: Placed, tells: boolean, names: NewNames): string {
  const { pcm, device, anonymous } = names;
  const isPcm = placed.source === "tcp" || placed.source === "udp";
  const framed = placed.device === undefined ? anonymous : device;
  const first = isPcm ? pcm : framed;
  const candidates = [first, ...Object.values(DEFAULT_TEMPLATES)].map((template) =>
    formatted(template, placed, names),
  );
  return (tells ? undefined : candidates.find((name) => isReadBack(name, placed, names))) ?? candidates[0];
}

function formatted(
  template: string,
  { device = NAMELESS, streamId, source, startUs }: Placed,
  { zone }: NewNames,
): string {
  return compileTemplate(template)({ device, streamId, source, start: zone.local(startUs) });
}

function isReadBack(name: string, placed: Placed, { names, zone }: NewNames): boolean {
  const parts = names(name);
  if (parts === undefined) return false;
  const { device, streamId, startUs, samples, sampleRate, writtenMs, isLink } = placed;
  const writtenUs = isLink ? writtenMs * 1000 - (samples * 1_000_000) / sampleRate : startUs;
  const readUs = namedStart(parts, writtenUs, zone).startUs;
  return (
    parts.device === device && (parts.streamId ?? 0) === streamId && Math.abs(readUs - startUs) < MOST_OFF_US
  );
}
