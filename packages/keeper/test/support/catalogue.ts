import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalogue, openCatalogue, type SegmentFacts } from "@audio/archive";

/** A data directory with a catalogue, removed with `using`. */
export function newCatalogue(): { dataDir: string; catalogue: Catalogue } & Disposable {
  const dataDir = mkdtempSync(join(tmpdir(), "audio-keeper-"));
  const catalogue = openCatalogue(dataDir);
  return {
    dataDir,
    catalogue,
    [Symbol.dispose]() {
      catalogue.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Puts a segment of 10 s into a catalogue. */
export function putSegment(catalogue: Catalogue, n: number, more: Partial<SegmentFacts> = {}): number {
  const facts: SegmentFacts = {
    stem: `received/porch/stream_7_porch_${n}`,
    source: "websocket",
    device: "porch",
    streamId: 7,
    sampleRate: 16_000,
    channels: 1,
    bitsPerSample: 16,
    startUs: 1_763_769_600_000_000 + n * 10_000_000,
    samples: 160_000,
    gaps: [],
    levels: undefined,
    ...more,
  };
  return catalogue.segments.put(facts, [{ form: "wav", bytes: 320_044 }]);
}
