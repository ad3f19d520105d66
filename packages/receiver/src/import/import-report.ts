import type { TimeZone } from "@audio/segments";
import { bytesInWords, count } from "../commands/in-words.js";
import { shownTime } from "../shown-time.js";
import type { Imported } from "./import-segment.js";
import type { PlannedSegment } from "./planned.js";
import type { LeftOut } from "./walk.js";

/** What an import has done, or would do. */
export interface ImportTotals {
  segments: number;
  files: number;
  bytes: number;
  repaired: number;
  known: number;
  later: number;
  other: number;
  broken: number;
  /** Old files that were to be removed and were not. */
  kept: number;
}

export interface ReportOptions {
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  /** Of the times that are shown. */
  readonly zone: TimeZone;
  readonly print: (text: string) => void;
}

/** Tells of an import, as it goes: every file in a dry run, else what is out of the ordinary. */
export class ImportReport {
  readonly totals: ImportTotals = {
    ...{ segments: 0, files: 0, bytes: 0, repaired: 0 },
    ...{ known: 0, later: 0, other: 0, broken: 0, kept: 0 },
  };
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** @param done undefined: it would be */
  taken(segment: PlannedSegment, bytes: number, done: Imported | undefined): void {
    const { totals } = this;
    totals.segments++;
    totals.files += segment.files.length;
    totals.bytes += bytes;
    totals.repaired += segment.files.filter(({ note }) => note !== undefined).length;
    totals.kept += done?.kept.length ?? 0;
    const stem = done?.stem ?? segment.name;
    if (this.#options.isJson) this.#json(segment, stem, bytes, done);
    else this.#text(segment, stem, done);
  }

  left({ path, kind, reason }: LeftOut): void {
    this.totals[kind]++;
    const { isJson, isDryRun, print } = this.#options;
    if (isJson) print(`${JSON.stringify({ outcome: kind, from: path, reason })}\n`);
    else if (isDryRun || kind === "broken" || kind === "later") print(`${MARKS[kind]}  ${path}: ${reason}\n`);
  }

  /** The sums, for people or as JSON. */
  end(neededBytes: number): void {
    const { isJson, isDryRun, print } = this.#options;
    if (isJson) print(`${JSON.stringify({ outcome: "sums", isDryRun, ...this.totals, neededBytes })}\n`);
    else print(`${summary(this.totals, isDryRun).join("\n")}\n`);
  }

  #json(segment: PlannedSegment, stem: string, bytes: number, done: Imported | undefined): void {
    const { files, device, streamId, startUs, by, isAmbiguous, notes } = segment;
    const from = files.map(({ file }) => file.path);
    const outcome = done === undefined ? "would-import" : "imported";
    const what = { stem, device: device ?? null, streamId, startUs, startBy: by, isAmbiguous, bytes };
    this.#options.print(`${JSON.stringify({ outcome, from, ...what, notes, kept: done?.kept ?? [] })}\n`);
  }

  #text({ files, startUs, device, notes }: PlannedSegment, stem: string, done: Imported | undefined): void {
    const { isDryRun, zone, print } = this.#options;
    const forms = files.map(({ file }) => file.form).join(" ");
    const who = device === undefined ? "" : `, ${device}`;
    if (isDryRun)
      print(`take    ${files[0].file.path} (${forms}) → ${stem}: ${shownTime(startUs, zone)}${who}\n`);
    for (const note of [...notes, ...(done?.kept ?? [])]) print(`note    ${note}\n`);
  }
}

const MARKS: Readonly<Record<LeftOut["kind"], string>> = {
  other: "leave ",
  known: "known ",
  later: "later ",
  broken: "broken",
};

function summary(totals: ImportTotals, isDryRun: boolean): string[] {
  const { segments, files, bytes, repaired, known, later, other, broken, kept } = totals;
  const verb = isDryRun ? "would be taken" : "taken";
  const what = `${count(segments, "recording")} (${count(files, "file")}, ${bytesInWords(bytes)}) ${verb}`;
  const lines = [segments === 0 ? `nothing ${isDryRun ? "to take" : "taken"}` : what];
  const more = (n: number, text: string) => {
    if (n > 0) lines.push(`${count(n, "file")} ${text}`);
  };
  more(repaired, isDryRun ? "of them would be put right" : "of them put right");
  more(known, "there already");
  more(later, "still being written: import again later");
  more(other, "left alone: no recordings");
  more(broken, "not taken, see above");
  more(kept, "copied and not removed, see above");
  return lines;
}
