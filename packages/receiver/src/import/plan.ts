import { type NamedStart, namedStart } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import type { RecordingMetadata } from "@audio/wav";
import { SOFTWARE } from "../software.js";
import { fileKey, type ImportLedger } from "./ledger.js";
import { nameFor, type Placed } from "./new-names.js";
import { oldFacts } from "./old-facts.js";
import { type OldName, readOldName } from "./old-names.js";
import type { Plan, PlanContext, PlannedFile, PlannedSegment } from "./planned.js";
import { sameAudio } from "./same-audio.js";
import type { LeftOut, OldFile, OldSegment } from "./walk.js";

// An earlier receiver writes several times a second.
const GROWING_MS = 30_000;

/** Decides what becomes of the files of one name. */
export async function planSegment(old: OldSegment, context: PlanContext): Promise<Plan> {
  const growing = old.files.find(({ writtenMs }) => isGrowing(writtenMs, context.nowMs));
  if (growing !== undefined)
    return leaveAll(
      old.files,
      "later",
      "is still being written, or was just now: import it again in a minute",
    );
  const { files, left } = await lookInto(old.files, context);
  const name = readOldName(old.stem);
  const wanted = files.filter(({ metadata }) => metadata !== undefined || isWanted(name, context));
  const unnamed = files.filter((file) => !wanted.includes(file));
  const rest = [...left, ...unnamed.map(({ file }) => leave(file, "other", whyNot(name)))];
  const main = wanted.find(({ audio }) => audio !== undefined) ?? wanted[0];
  if (main === undefined) return { segment: undefined, left: rest };
  const segment = segmentOf(old.stem, name, main, wanted, context);
  const there = await sameAudio(segment, old.stem, context);
  if (there === undefined || segment.begun !== undefined) return { segment, left: rest };
  const reason = `is there already: ${there}`;
  return { segment: undefined, left: [...rest, ...wanted.map(({ file }) => leave(file, "known", reason))] };
}

function isGrowing(writtenMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - writtenMs) < GROWING_MS;
}

function leave({ path }: OldFile, kind: LeftOut["kind"], reason: string): LeftOut {
  return { path, kind, reason };
}

function leaveAll(files: readonly OldFile[], kind: LeftOut["kind"], reason: string): Plan {
  return { segment: undefined, left: files.map((file) => leave(file, kind, reason)) };
}

function isWanted(name: OldName | undefined, { layout }: PlanContext): boolean {
  return name !== undefined && (layout === "auto" || layout === name.layout);
}

function whyNot(name: OldName | undefined): string {
  if (name !== undefined) return `is of the layout "${name.layout}"`;
  return "is no recording by its name, neither 2025-01-08_1200 nor stream_1_kitchen_20250108_120000, and has no metadata of a receiver";
}

interface Looked {
  readonly files: readonly PlannedFile[];
  readonly left: readonly LeftOut[];
}

async function lookInto(old: readonly OldFile[], { ledger }: PlanContext): Promise<Looked> {
  const files: PlannedFile[] = [];
  const left: LeftOut[] = [];
  for (const file of old) {
    const double = files.find(({ form }) => file.form === "wav.gz" && form === "wav");
    if (double !== undefined) left.push(leave(file, "known", `is packed what ${double.file.path} is`));
    else {
      const found = await lookAt(file, ledger);
      if ("reason" in found) left.push(found);
      else files.push(found);
    }
  }
  return { files, left };
}

async function lookAt(file: OldFile, ledger: ImportLedger): Promise<PlannedFile | LeftOut> {
  try {
    const key = await fileKey(file.path);
    const known = ledger.find(key);
    if (known?.done)
      return { ...leave(file, "known", `was imported already: ${known.stem}.${known.form}`), old: file };
    const facts = await oldFacts(file);
    return typeof facts === "string" ? leave(file, "broken", facts) : { ...facts, key };
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return leave(file, "broken", error.message);
  }
}

function segmentOf(
  stem: string,
  name: OldName | undefined,
  main: PlannedFile,
  files: readonly PlannedFile[],
  context: PlanContext,
): PlannedSegment {
  const start = startOf(name, main, context.oldZone);
  const placed = placeOf(start.startUs, name, main, context);
  const keepsAsIs = context.mode === "link" || files.some(({ metadata }) => metadata !== undefined);
  const metadata = keepsAsIs ? undefined : metadataOf(placed, context);
  const tells = main.metadata !== undefined || (metadata !== undefined && files.every(isSelfTelling));
  return {
    ...placed,
    ...start,
    name: nameFor(placed, tells, context.names),
    files,
    metadata,
    begun: files.map(({ key }) => context.ledger.find(key)?.stem).find((known) => known !== undefined),
    notes: notesOf(stem, name, start, files, context),
  };
}

// Of a segment whose WAV says it all, the .bin need not.
function isSelfTelling({ form, takesMetadata }: PlannedFile): boolean {
  return takesMetadata || form === "bin";
}

interface Start extends Pick<NamedStart, "startUs" | "isAmbiguous"> {
  readonly by: PlannedSegment["by"];
}

function startOf(name: OldName | undefined, { metadata, audio, file }: PlannedFile, zone: TimeZone): Start {
  if (metadata !== undefined) return { startUs: metadata.startUs, by: "metadata", isAmbiguous: false };
  const lengthUs = audio === undefined ? 0 : (audio.samples * 1_000_000) / audio.sampleRate;
  const writtenUs = Math.round(file.writtenMs * 1000 - lengthUs);
  return namedStart(name as OldName, writtenUs, zone);
}

function placeOf(
  startUs: number,
  name: OldName | undefined,
  { metadata, audio, file }: PlannedFile,
  context: PlanContext,
): Placed {
  const shape = { ...(audio ?? { samples: 0, sampleRate: 1 }), startUs, writtenMs: file.writtenMs };
  const isLink = context.mode === "link";
  if (metadata !== undefined) {
    const { device, streamId = 0, source } = metadata;
    return { ...shape, device, streamId, source, isLink };
  }
  const { device = context.device, streamId = 0, layout } = name as OldName;
  return { ...shape, device, streamId, source: layout === "dated" ? "tcp" : "websocket", isLink };
}

function metadataOf(
  { device, streamId, source, startUs, sampleRate, samples }: Placed,
  { names }: PlanContext,
): RecordingMetadata | undefined {
  if (samples === 0) return undefined;
  const named = device === undefined ? {} : { device };
  const local = names.zone.local(startUs);
  return { ...named, streamId, source, startUs, local, sampleRate, samples, software: SOFTWARE, gaps: [] };
}

const EVIDENCE: Partial<Record<Start["by"], string>> = {
  "name-and-write": "its last write says which",
  "pass-of-write": "written in this one",
  "pass-of-number": "by the number in its name, none being the first: its last write says nothing",
  skipped: "clocks were set forward over this time: taken as if they had not been",
};

function notesOf(
  stem: string,
  name: OldName | undefined,
  { by, isAmbiguous, startUs }: Start,
  files: readonly PlannedFile[],
  { oldZone, device }: PlanContext,
): string[] {
  const notes = files.flatMap(({ file, note }) =>
    note === undefined ? [] : [`${stem}.${file.form}: ${note}`],
  );
  const clock = isAmbiguous
    ? `this time came twice that night; taken for that at UTC${offset(startUs, oldZone)}, `
    : "";
  if (isAmbiguous || by === "skipped") notes.push(`${stem}: ${clock}${EVIDENCE[by]}`);
  const written = name?.writtenDevice;
  if (written !== undefined) notes.push(`${stem}: the device is called ${name?.device ?? device} here`);
  return notes;
}

function offset(us: number, zone: TimeZone): string {
  const minutes = Math.round(zone.offsetUs(us) / 60_000_000);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
