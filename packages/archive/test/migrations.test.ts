import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, expect, it } from "vitest";
import { MIGRATIONS } from "../src/catalogue/schema.js";
import { CATALOGUE_FILE, openCatalogue } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "audio-migrations-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SEGMENT = `
INSERT INTO devices(id, name, longest_us) VALUES (1, 'kitchen', 10000000);
INSERT INTO segments(id, stem, device_id, source, stream_id, sample_rate, channels, bits_per_sample, start_us, end_us, samples)
  VALUES (7, 'received/kitchen/stream_1_kitchen_20261121_180000', 1, 'websocket', 1, 16000, 1, 16, 0, 10000000, 160000);
INSERT INTO forms(segment_id, form, device_id, bytes, local) VALUES (7, 'wav', 1, 320044, 1);
INSERT INTO jobs(step, segment_id, created_ms, due_ms) VALUES ('upload', 7, 0, 0);
`;

/** A catalogue as a program that knew `steps` of the schema's steps has left it. */
function catalogueOf(steps: number): string {
  const dataDir = mkdtempSync(join(folder, "data-"));
  const database = new Database(join(dataDir, CATALOGUE_FILE));
  for (const step of MIGRATIONS.slice(0, steps)) database.exec(step);
  database.exec(SEGMENT);
  database.exec(`PRAGMA user_version = ${steps}`);
  database.close();
  return dataDir;
}

it.each(MIGRATIONS.map((_, i) => i + 1))(
  "a catalogue of version %d is brought forward with all that is in it",
  (steps) => {
    const dataDir = catalogueOf(steps);
    const catalogue = openCatalogue(dataDir);
    const [segment] = catalogue.segments.list({ device: "kitchen" });
    expect(segment).toMatchObject({ id: 7, samples: 160_000, forms: [{ form: "wav", local: true }] });
    expect(catalogue.jobs.lengths()).toMatchObject([{ step: "upload", waiting: 1 }]);
    expect(catalogue.connections.list({ device: "kitchen" })).toEqual([]);
    catalogue.close();
    const version = readFileSync(join(dataDir, CATALOGUE_FILE)).readUInt32BE(60); // SQLite's file format, 1.3
    expect(version).toBe(MIGRATIONS.length);
  },
);
