import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { NAME } from "../src/catalogue/schema.js";
import { CATALOGUE_FILE, openCatalogue } from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const FORMAT = { sampleRate: 16_000, channels: 1, bitsPerSample: 16, samples: 160_000, gaps: [] };
const SENDER = { source: "websocket", device: "porch", streamId: 7, levels: undefined } as const;

describe("segments by the name of their file", () => {
  it("are found in a range, whatever their folders, through an index", () => {
    const dataDir = newFolder();
    const catalogue = openCatalogue(dataDir);
    const put = (stem: string, startUs: number) =>
      catalogue.segments.put({ ...FORMAT, ...SENDER, stem, startUs }, [{ form: "wav", bytes: 44 }]);
    put("a/b/x_1", 1005);
    put("c/x_1", 1000);
    put("x_1", 2000);
    put("b/b/xx_1", 1000);
    put("c/x_1/y", 1000);
    const named = (name: string, toUs = 2000) =>
      catalogue.segments.named(name, 1000, toUs).map(({ stem }) => stem);
    expect(named("x_1")).toEqual(["c/x_1", "a/b/x_1"]);
    expect(named("x_1", 2001)).toEqual(["c/x_1", "a/b/x_1", "x_1"]);
    expect([named("y"), named("b/x_1"), named("")]).toEqual([["c/x_1/y"], [], []]);
    catalogue.close();
    const database = new Database(join(dataDir, CATALOGUE_FILE));
    const steps = database.prepare(`EXPLAIN QUERY PLAN SELECT id FROM segments WHERE ${NAME} = 'x'`).all();
    expect(JSON.stringify(steps)).toContain("segments_by_name");
    database.close();
  });
});
