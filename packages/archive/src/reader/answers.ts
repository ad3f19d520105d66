import type { Catalogue } from "../catalogue/catalogue.js";
import type { ArchiveQuestions } from "./questions.js";

/** Answers from one open catalogue. */
export function answersFrom({ segments, devices, gaps, sounds }: Catalogue): ArchiveQuestions {
  return {
    segments: (query) => segments.list(query),
    segmentsNamed: (name, fromUs, toUs) => segments.named(name, fromUs, toUs),
    formsOf: (stem) => segments.byStem(stem)?.forms ?? [],
    devices: () => devices.summaries(),
    gaps: (query) => gaps.list(query),
    sounds: (query) => sounds.list(query),
  };
}
