/** docs/metrics.md, the dashboard and the alert rules, against what `/metrics` really has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { parseScrape, type ScrapedFamily } from "./support/scrape.js";
import { play } from "./support/stream-client.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

let families: Map<string, ScrapedFamily>;

beforeAll(async () => {
  await using server = await TestReceiver.start();
  await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(tones(16_000), { frameSamples: 320 })]);
  await ended(server);
  families = parseScrape(await (await server.look("/metrics")).text());
});

interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
}

function documented(): Map<string, Documented> {
  const rows = read("docs/metrics.md").matchAll(/^\| `([\w:]+)` +\| (\w+) +\| (.*?) +\| \S.*\|$/gm);
  const found = Array.from(rows, ([, name, type, labels]): [string, Documented] => [
    name,
    { type, labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label]) => label) },
  ]);
  expect(new Set(found.map(([name]) => name)).size).toBe(found.length);
  return new Map(found);
}

describe("docs/metrics.md", () => {
  it("has every family, and none that is not there", () => {
    expect([...documented().keys()].sort()).toEqual([...families.keys()].sort());
  });

  it("tells its type and its labels", () => {
    const page = documented();
    for (const { name, type, samples } of families.values()) {
      expect([name, page.get(name)!.type]).toEqual([name, type]);
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete("le");
      if (samples.length > 0)
        expect([name, [...labels].sort()]).toEqual([name, [...page.get(name)!.labels].sort()]);
    }
  });
});
