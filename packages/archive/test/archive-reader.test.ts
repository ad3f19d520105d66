import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type ArchiveErrorCode,
  type ArchiveReader,
  CATALOGUE_FILE,
  openArchiveReader,
  openCatalogue,
  type SegmentFacts,
  setAsideDatabase,
} from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();

function facts(n: number): SegmentFacts {
  const shape = { streamId: 7, sampleRate: 16_000, channels: 1, bitsPerSample: 16, samples: 160_000 };
  const who = { source: "websocket", device: "porch" } as const;
  return { stem: `porch_${n}`, ...who, ...shape, startUs: n * 10_000_000, gaps: [], levels: undefined };
}

function fill(dataDir: string, count: number): void {
  const catalogue = openCatalogue(dataDir);
  catalogue.transaction(() => {
    for (let n = 0; n < count; n++) catalogue.segments.put(facts(n), [{ form: "wav", bytes: 100 }]);
  });
  catalogue.close();
}

async function withReader(work: (reader: ArchiveReader, dataDir: string) => Promise<void>, more = {}) {
  const dataDir = newFolder();
  const reader = openArchiveReader({ dataDir, ...more });
  try {
    await work(reader, dataDir);
  } finally {
    await reader.close();
  }
}

async function codeOf(answer: Promise<unknown>): Promise<ArchiveErrorCode | undefined> {
  return answer.then(
    () => undefined,
    (error) => error.code,
  );
}

/** Asks until it is answered: a catalogue that could not be opened is not tried again at once. */
async function sooner<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe("the reader", () => {
  it("answers what the catalogue answers", () =>
    withReader(async (reader, dataDir) => {
      fill(dataDir, 5);
      const catalogue = openCatalogue(dataDir);
      const query = { device: "porch", fromUs: 15_000_000, limit: 2 };
      const asked = await Promise.all([reader.segments(query), reader.devices(), reader.gaps({})]);
      expect(asked).toEqual([catalogue.segments.list(query), catalogue.devices.summaries(), []]);
      expect(asked[0].map(({ stem }) => stem)).toEqual(["porch_1", "porch_2"]);
      catalogue.close();
    }));

  it("says that there is no catalogue, and reads it as soon as there is one", () =>
    withReader(async (reader, dataDir) => {
      expect(await codeOf(reader.devices())).toBe("catalogue-missing");
      fill(dataDir, 1);
      expect(await sooner(() => reader.devices())).toHaveLength(1);
    }));

  it("goes on with the one that was made anew", () =>
    withReader(async (reader, dataDir) => {
      fill(dataDir, 3);
      expect(await reader.segments({})).toHaveLength(3);
      setAsideDatabase(dataDir);
      expect(await codeOf(reader.segments({}))).toBe("catalogue-missing");
      fill(dataDir, 1);
      expect(await sooner(() => reader.segments({}))).toHaveLength(1);
    }));

  it("finds another one in its place without a moment in between", () =>
    withReader(async (reader, dataDir) => {
      const other = newFolder();
      fill(dataDir, 3);
      fill(other, 2);
      expect(await reader.segments({})).toHaveLength(3);
      setAsideDatabase(dataDir);
      renameSync(join(other, CATALOGUE_FILE), join(dataDir, CATALOGUE_FILE));
      expect(await reader.segments({})).toHaveLength(2);
    }));

  it("says that it is damaged, and reads it when it is repaired", () =>
    withReader(async (reader, dataDir) => {
      writeFileSync(join(dataDir, CATALOGUE_FILE), "x".repeat(10_000));
      expect(await codeOf(reader.devices())).toBe("catalogue-broken");
      rmSync(join(dataDir, CATALOGUE_FILE));
      fill(dataDir, 1);
      expect(await sooner(() => reader.devices())).toHaveLength(1);
    }));

  it("refuses questions when too many wait, and answers the others", () =>
    withReader(
      async (reader, dataDir) => {
        fill(dataDir, 1);
        const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(reader.devices())));
        expect(codes.filter((code) => code === undefined)).toHaveLength(2 + 3);
        expect(codes.filter((code) => code === "reader-busy")).toHaveLength(15);
        expect(await reader.devices()).toHaveLength(1);
      },
      { mostWaiting: 3 },
    ));

  it("lets nobody wait for ever", () =>
    withReader(
      async (reader) => {
        expect(await codeOf(reader.devices())).toBe("reader-busy"); // the thread has not even started
      },
      { answerMs: 1 },
    ));

  it("answers no more once it is closed", async () => {
    const reader = openArchiveReader({ dataDir: newFolder() });
    const waiting = codeOf(reader.devices());
    await reader.close();
    expect([await waiting, await codeOf(reader.devices())]).toEqual(["reader-stopped", "reader-stopped"]);
  });
});
