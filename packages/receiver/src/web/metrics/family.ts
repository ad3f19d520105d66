import { DURATION_BOUNDS, type Durations } from "@audio/archive";

/** Label → value. */
export type Labels = Readonly<Record<string, string>>;

/** One line of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Behind the family's name: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly suffix?: string;
}

/** All that is told under one name. */
export interface Family {
  /** Without the prefix that all have. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What every name of ours begins with. */
const PREFIX = "audio_receiver_";

type Values = number | undefined | readonly Sample[];

/** Something that only grows. */
export function counter(name: string, help: string, values: Values): Family {
  return { name, type: "counter", help, samples: samplesOf(values) };
}

/** Something that is so at the moment. */
export function gauge(name: string, help: string, values: Values): Family {
  return { name, type: "gauge", help, samples: samplesOf(values) };
}

/** Durations in seconds. */
export function histogram(name: string, help: string, { counts, seconds }: Durations): Family {
  const samples: Sample[] = [];
  let sum = 0;
  [...DURATION_BOUNDS, "+Inf"].forEach((bound, i) => {
    sum += counts[i];
    samples.push({ suffix: "_bucket", labels: { le: String(bound) }, value: sum });
  });
  samples.push({ suffix: "_sum", labels: {}, value: seconds }, { suffix: "_count", labels: {}, value: sum });
  return { name, type: "histogram", help, samples };
}

/** What is not known is left out: a family may have no line at the moment. */
function samplesOf(values: Values): readonly Sample[] {
  if (typeof values === "object") return values.filter(({ value }) => !Number.isNaN(value));
  return values === undefined || Number.isNaN(values) ? [] : [{ labels: {}, value: values }];
}

/** One sample for each entry of a record, its key as the label. */
export function labelled(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** The text that Prometheus reads: exposition format 0.0.4. */
export function formatFamilies(families: readonly Family[]): string {
  return families.map(formatFamily).join("");
}

function formatFamily({ name, type, help, samples }: Family): string {
  const full = PREFIX + name;
  const lines = samples.map(
    ({ labels, value, suffix = "" }) => `${full}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`,
  );
  return `# HELP ${full} ${escaped(help)}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: Labels): string {
  const entries = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value, '"')}"`);
  return entries.length === 0 ? "" : `{${entries.join(",")}}`;
}

function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function escaped(text: string, quote = ""): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return quote === "" ? plain : plain.replaceAll(quote, `\\${quote}`);
}
