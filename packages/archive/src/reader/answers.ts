import type { Catalogue } from "../catalogue/catalogue.js";
import type { ArchiveQuestions } from "./questions.js";

/** Answers from one open catalogue. */
export function answersFrom({ segments, devices, gaps, sounds }: Catalogue): ArchiveQuestions {
  return {
    segments: (query) => segments.list(query),
    devices: () => devices.summaries(),
    gaps: (query) => gaps.list(query),
    sounds: (query) => sounds.list(query),
  };
}
