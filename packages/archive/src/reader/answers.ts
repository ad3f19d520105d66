import type { Catalogue } from "../catalogue/catalogue.js";
import { daysFrom } from "./days.js";
import { levelsFrom } from "./levels.js";
import type { ArchiveQuestions, StretchQuery } from "./questions.js";
import { mergeStretches, type Stretch } from "./stretches.js";
import { totalsFrom } from "./totals.js";

/** Answers from one open catalogue. */
export function answersFrom(catalogue: Catalogue): ArchiveQuestions {
  const { segments, devices, gaps, sounds, connections } = catalogue;
  return {
    segments: (query) => segments.list(query),
    segmentsNamed: (name, fromUs, toUs) => segments.named(name, fromUs, toUs),
    formsOf: (stem) => segments.byStem(stem)?.forms ?? [],
    devices: () => devices.summaries(),
    gaps: (query) => gaps.list(query),
    sounds: (query) => sounds.list(query),
    deviceNames: () => devices.names(),
    stretches: (query) => stretchesFrom(catalogue, query),
    levels: levelsFrom(catalogue),
    days: daysFrom(catalogue),
    connections: (query) => connections.list(query),
    totals: totalsFrom(catalogue),
  };
}

function stretchesFrom({ devices, overview }: Catalogue, query: StretchQuery): Stretch[] {
  const { device, fromUs, toUs, toleranceUs } = query;
  const deviceId = devices.find(device ?? undefined);
  if (deviceId === undefined) return [];
  const runs = overview.runs({ deviceId, fromUs, toUs }, toleranceUs);
  const stretches = runs.map(({ startUs, endUs, isLocal }): Stretch => {
    return [Math.max(startUs, fromUs), Math.min(endUs, toUs), isLocal ? "local" : "remote"];
  });
  return mergeStretches(stretches, toleranceUs);
}
