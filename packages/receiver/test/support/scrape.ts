/** One line of a scrape. */
export interface ScrapedSample {
  /** As it stands there, `_bucket` and the like included. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What stands below one TYPE. */
export interface ScrapedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ScrapedSample[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Reads Prometheus' text format 0.0.4, strictly: what breaks a rule of it throws. */
export function parseScrape(text: string): Map<string, ScrapedFamily> {
  const families = new Map<string, ScrapedFamily>();
  let current: ScrapedFamily | undefined;
  let help = "";
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") help = rest;
    else if (kind === "TYPE") {
      if (families.has(name)) throw new Error(`${name} stands there twice`);
      current = { name, type: rest, help, samples: [] };
      families.set(name, current);
    } else addSample(current, line);
  }
  return families;
}

function addSample(family: ScrapedFamily | undefined, line: string): void {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || family === undefined) throw new Error(`no sample: ${line}`);
  if (
    name !== family.name &&
    !(family.type === "histogram" && /^_(bucket|sum|count)$/.test(name.slice(family.name.length)))
  )
    throw new Error(`${name} stands below ${family.name}`);
  const number = Number(value.replace("Inf", "Infinity"));
  if (Number.isNaN(number) && !/^nan$/i.test(value)) throw new Error(`no value: ${line}`);
  family.samples.push({ name, labels: parseLabels(labels), value: number });
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined) throw new Error(`no labels: ${text.slice(at)}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  return labels;
}

/** The value of one sample; 0 if it is not there. */
export function sampleOf(
  families: Map<string, ScrapedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const full = `audio_receiver_${name}`;
  const family = families.get(full) ?? families.get(full.replace(/_(bucket|sum|count)$/, ""));
  const found = family?.samples.filter(
    (sample) =>
      sample.name === full &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return (found ?? []).reduce((sum, { value }) => sum + value, 0);
}
