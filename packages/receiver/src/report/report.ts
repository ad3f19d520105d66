import { VERSION } from "../software.js";
import { answered, type Facts, type Part, type PartData, type Question } from "./part.js";
import { askConfiguration } from "./parts/configuration.js";
import { askDoctor } from "./parts/findings.js";
import { askLog } from "./parts/log-tail.js";
import { askFfmpeg, askMachine } from "./parts/machine.js";
import { askDisk, askGaps, askQueues, askRecordings } from "./parts/recordings.js";
import { askMetrics, askNow, askProcess, askReadiness } from "./parts/running.js";
import type { Subject } from "./subject.js";

/** All that a report says, as `report --json` prints it. */
export interface Report {
  /** Version of the receiver that wrote it. */
  readonly version: string;
  /** ISO 8601 */
  readonly written: string;
  readonly parts: readonly Part[];
}

// A look at a local file; an answer of a receiver; everything that a doctor may wait for, S3 last.
const LOCAL_MS = 10_000;
const ANSWER_MS = 5000;
const DOCTOR_MS = 60_000;

type Ask = (subject: Subject, signal: AbortSignal) => Promise<PartData> | PartData;

const QUESTIONS: readonly (readonly [title: string, longestMs: number, ask: Ask])[] = [
  ["Machine", LOCAL_MS, askMachine],
  ["ffmpeg", LOCAL_MS, askFfmpeg],
  ["Configuration, as far as it is not the default", LOCAL_MS, askConfiguration],
  ["Doctor", DOCTOR_MS, askDoctor],
  ["Disk", LOCAL_MS, askDisk],
  ["Recordings", LOCAL_MS, askRecordings],
  ["Queues", LOCAL_MS, askQueues],
  ["Gaps of the last 7 days", LOCAL_MS, askGaps],
  ["Process", LOCAL_MS, askProcess],
  ["Readiness", ANSWER_MS, askReadiness],
  ["Now", ANSWER_MS, askNow],
  ["Metrics", ANSWER_MS, askMetrics],
  ["Log", LOCAL_MS, askLog],
];

/** Finds out everything, each part within its time; what cannot be found out is said. Never fails. */
export async function reportOn(subject: Subject): Promise<Report> {
  const questions = QUESTIONS.map(
    ([title, longestMs, ask]): Question => ({ title, longestMs, ask: (signal) => ask(subject, signal) }),
  );
  const parts = await Promise.all(questions.map(answered));
  return { version: VERSION, written: new Date().toISOString(), parts };
}

/** The report with every text of it changed. */
export function withTexts(report: Report, change: (text: string) => string): Report {
  const parts = report.parts.map(({ title, data, fault }) => ({
    title,
    data: changed(data, change),
    ...(fault !== undefined && { fault: change(fault) }),
  }));
  return { ...report, parts };
}

function changed(data: PartData, change: (text: string) => string): PartData {
  if (!Array.isArray(data)) return changedFacts(data as Facts, change);
  return (data as readonly (Facts | string)[]).map((each) =>
    typeof each === "string" ? change(each) : changedFacts(each, change),
  ) as PartData;
}

function changedFacts(facts: Facts, change: (text: string) => string): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === "string" ? change(value) : value]),
  );
}
