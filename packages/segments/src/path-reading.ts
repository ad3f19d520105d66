import { compileTemplate } from "./path-template.js";

/** What a segment's path tells about it. */
export interface PathParts {
  readonly device: string | undefined;
  /** 0 … 2³²−1 */
  readonly streamId: number | undefined;
  readonly source: string | undefined;
  /** Undefined when the path tells no date. */
  readonly start: NamedTime | undefined;
  /** The nth file of this name (`…_2`, `…_3`); 1 without a number. */
  readonly number: number;
}

/** Wall time as a name tells it. */
export interface NamedTime {
  /** What the clock showed, in microseconds since 1970-01-01 00:00 on the same clock. */
  readonly localUs: number;
  /** The name leaves open when within so many microseconds from there: 60 s for `…_1800`. */
  readonly withinUs: number;
}

/** Reads a path below the data directory, without extension; undefined: it was not made by this template. */
export type PathReader = (path: string) => PathParts | undefined;

const PATTERNS: Readonly<Record<string, string>> = {
  device: "[A-Za-z0-9_-]{1,64}",
  stream: "\\d{1,10}",
  source: "[a-z]+(?:-[a-z]+)*",
  yyyy: "\\d{4}",
};
const TWO_DIGITS = "\\d{2}";
const NUMBER = "(?:_(?<number>[2-9]|[1-9]\\d{1,6}))?";
const MAX_U32 = 0xffff_ffff;

/**
 * The inverse of `compileTemplate` and `numberedStem`: reads what a template made. Where a name is ambiguous (a
 * template that ends with `{device}`, a device called `mic_2`), the device has it all.
 * @throws SegmentsError `invalid-template`
 */
export function templateReader(text: string): PathReader {
  compileTemplate(text); // refuses what is no template
  const expression = new RegExp(`^${patternOf(text)}${NUMBER}$`);
  return (path) => {
    const groups = expression.exec(path)?.groups;
    return groups === undefined ? undefined : partsOf(groups);
  };
}

function patternOf(text: string): string {
  const seen = new Set<string>();
  const parts = text.replaceAll("{date}", "{yyyy}-{MM}-{dd}").split(/\{([^{}]*)\}/);
  const group = (token: string) => {
    if (seen.has(token)) return `\\k<${token}>`;
    seen.add(token);
    return `(?<${token}>${PATTERNS[token] ?? TWO_DIGITS})`;
  };
  return parts.map((part, i) => (i % 2 === 0 ? part.replaceAll(".", "\\.") : group(part))).join("");
}

function partsOf(groups: Readonly<Record<string, string | undefined>>): PathParts | undefined {
  const streamId = groups.stream === undefined ? undefined : Number(groups.stream);
  if (streamId !== undefined && streamId > MAX_U32) return undefined;
  const start = startOf(groups);
  if (start !== undefined && Number.isNaN(start.localUs)) return undefined;
  const { device, source, number = "1" } = groups;
  return { device, streamId, source, start, number: Number(number) };
}

function startOf({ yyyy, MM, dd, HH, mm, ss }: Readonly<Record<string, string | undefined>>) {
  if (yyyy === undefined || MM === undefined || dd === undefined) return undefined;
  const date = `${yyyy}-${MM}-${dd}`;
  if (HH === undefined) return named(date, "00:00:00", 86_400);
  if (mm === undefined) return named(date, `${HH}:00:00`, 3600);
  return ss === undefined ? named(date, `${HH}:${mm}:00`, 60) : named(date, `${HH}:${mm}:${ss}`, 1);
}

// Date takes the 31st of February for the 3rd of March, and 24:00 for the next day. Behind the year 2255 a double does
// not hold every microsecond.
function named(date: string, time: string, withinSeconds: number): NamedTime {
  const ms = Date.parse(`${date}T${time}Z`);
  const inRange = ms >= 0 && ms * 1000 <= Number.MAX_SAFE_INTEGER; // not NaN either
  const exists = inRange && new Date(ms).toISOString().startsWith(date);
  return { localUs: exists ? ms * 1000 : Number.NaN, withinUs: withinSeconds * 1_000_000 };
}
