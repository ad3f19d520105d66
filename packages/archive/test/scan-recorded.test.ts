import { compileTemplate } from "@audio/segments";
import fc from "fast-check";
import { expect, it } from "vitest";
import { scanDataDir } from "../src/scan/scan-data-dir.js";
import { readSegmentFacts, type SegmentReading } from "../src/scan/segment-facts.js";
import { VIENNA } from "./support/scene-of-files.js";
import { Studio, signal } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const TEMPLATES = ["{device}/{date}_{HH}{mm}{ss}", "anywhere/{stream}", "{source}/{date}/{date}_{HH}"];

const takes = fc.array(
  fc.record({
    stream: fc.record({
      device: fc.constantFrom("mic", "roof"),
      source: fc.constantFrom("websocket" as const, "udp" as const),
      streamId: fc.constantFrom(0, 7, 4_294_967_295),
      channels: fc.constantFrom(1, 2),
      bitsPerSample: fc.constantFrom(16 as const, 24 as const),
    }),
    template: fc.constantFrom(...TEMPLATES).map(compileTemplate),
    samples: fc.integer({ min: 1, max: 25_000 }),
    lost: fc.integer({ min: 0, max: 500 }),
  }),
  { minLength: 1, maxLength: 4 },
);

async function record(studio: Studio, all: typeof takes extends fc.Arbitrary<infer T> ? T : never) {
  for (const { stream, template, samples, lost } of all) {
    const recorder = studio.record(stream, { template, keepFrames: true });
    const bytes = (samples * stream.channels * stream.bitsPerSample) / 8;
    recorder.begin(studio.clock.nowUs);
    recorder.frame(signal(0, 12), 0, 12);
    recorder.write(signal(0, bytes), 0, bytes);
    if (lost > 0) recorder.silence(lost, "lost-frames");
    recorder.end(studio.clock.nowUs);
    await recorder.close();
  }
}

async function readAll(folder: string) {
  const found: { reading: SegmentReading; forms: unknown }[] = [];
  for await (const range of scanDataDir(folder)) {
    if (range.kind !== "segments") continue;
    for (const { stem, forms } of range.segments) {
      const names = forms.map(({ form }) => form);
      found.push({ reading: await readSegmentFacts(folder, stem, names, VIENNA), forms });
    }
  }
  return found;
}

it("of what a recorder wrote, a scan tells what the recorder has told", async () => {
  await fc.assert(
    fc.asyncProperty(takes, async (all) => {
      const folder = newFolder();
      const studio = new Studio(folder);
      await record(studio, all);
      const told = studio.completed.map(({ path, stream, startUs, samples, gaps, bytes, bin }) => {
        const { source, device, streamId, sampleRate, channels, bitsPerSample } = stream;
        const format = { source, device, streamId, sampleRate, channels, bitsPerSample };
        const stem = path.slice(folder.length + 1, -".wav".length);
        const facts = { ...format, stem, startUs, samples, gaps, levels: undefined };
        const forms = [{ form: "wav", bytes }, ...(bin ? [{ form: "bin", bytes: bin.bytes }] : [])];
        return { reading: { facts, faults: [] }, forms };
      });
      const byStem = (a: (typeof told)[number], b: (typeof told)[number]) =>
        a.reading.facts.stem < b.reading.facts.stem ? -1 : 1;
      const read = (await readAll(folder)) as typeof told;
      expect(read.sort(byStem)).toEqual(told.sort(byStem));
    }),
    { numRuns: 40 },
  );
});
