import { type AudioSources, type RangePlan, type ReadNote, readRange, type Segment } from "@audio/archive";
import { measurePcm, placeGaps, summarize } from "@audio/levels";
import type { KeeperContext } from "../context.js";
import type { SegmentStep } from "../queue/step.js";
import type { SoundWatch } from "../sound-watch.js";
import { localAudio } from "./forms.js";

const MOST_ATTEMPTS = 3;
const AGAIN_MS = 60_000;
// Of a minute that is read, so much is a pause: a million old recordings are no reason to be loud.
const PAUSE_MS = 20;

/** Levels of segments that came without them: recovered after a crash, or found on the disk. */
export function measureStep(
  { catalogue }: KeeperContext,
  sources: AudioSources,
  sounds: SoundWatch,
): SegmentStep {
  return {
    name: "measure",
    concurrency: 1,
    wants: (segment) => segment.levels === undefined && localAudio(segment) !== undefined,
    async run(segment, signal) {
      const notes: ReadNote[] = [];
      const plan = wholeOf(segment);
      const onNote = (note: ReadNote) => notes.push(note);
      const pcm = readRange(plan, { ...sources, openRemote: undefined, onNote }, { signal });
      const { filled } = placeGaps(segment.startUs, segment.sampleRate, segment.gaps);
      const levels = await measurePcm(pcm, plan.format, filled);
      const silent = notes.find(({ silentSamples }) => silentSamples > 0);
      if (silent !== undefined) throw new Error(silent.reasons.join("; "));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return () => {
        catalogue.segments.setLevels(segment.id, summarize(levels));
        sounds.hear(segment, levels.track);
      };
    },
    retryMs: (_, failures) => (failures < MOST_ATTEMPTS ? AGAIN_MS : undefined),
  };
}

function wholeOf(segment: Segment): RangePlan {
  const { sampleRate, channels, samples, startUs } = segment;
  const bitsPerSample = segment.bitsPerSample as RangePlan["format"]["bitsPerSample"];
  return {
    format: { sampleRate, channels, bitsPerSample },
    gaps: "cut",
    pieces: [{ kind: "audio", segment, at: 0, from: 0, samples, startUs }],
    samples,
    missing: { ranges: 0, samples: 0 },
    hiddenSamples: 0,
    leftOut: [],
  };
}
