import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { CATALOGUE_FILE, type Catalogue, openCatalogue, type Segment } from "@audio/archive";
import { summarize } from "@audio/levels";
import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { ServerProcess } from "./support/command.js";
import { filesBelow } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

/** What a reader finds; nothing while there is no catalogue, or a broken one, or one that is being made. */
function read<T>(dataDir: string, from: (catalogue: Catalogue) => T[]): T[] {
  try {
    const catalogue = openCatalogue(dataDir, { readOnly: true });
    try {
      return from(catalogue);
    } finally {
      catalogue.close();
    }
  } catch {
    return [];
  }
}

const catalogued = (dataDir: string) => read(dataDir, ({ segments }) => [...segments.each()]);

/** Looks now and then: a reader that never lets go keeps a catalogue from being made. */
async function untilCatalogued(dataDir: string, enough: (segments: readonly Segment[]) => boolean) {
  await until(
    "all are in the catalogue",
    async () => {
      await pause(200);
      return enough(catalogued(dataDir));
    },
    60_000,
  );
}

const frames = (seconds: number, seed = 1) =>
  pcmFrames(tones(16_000 * seconds, { seed }), { frameSamples: 320 });

/** Plays some seconds to a server, as fast as it goes. */
async function record(url: string, seconds: number, seed?: number): Promise<void> {
  expect(await play(url, [handshake(), ...frames(seconds, seed)])).toMatchObject({ code: 1000 });
}

const stems = (segments: readonly Segment[]) => segments.map(({ stem }) => stem).sort();

describe("the catalogue", () => {
  it("has every finished segment with all that its event carries, soon", async () => {
    await using server = await TestReceiver.start({ catalogue: true, wsSegmentSeconds: 1 });
    const [first, lost, ...rest] = frames(3.5);
    expect(lost).toBeDefined();
    await play(server.ws("/kitchen"), [handshake(), first, ...rest]);
    await server.streamClosed(7);
    const isMeasured = ({ levels }: Segment) => levels !== undefined;
    await untilCatalogued(server.dataDir, (segments) => segments.filter(isMeasured).length === 4);
    const events = server.segments.map((event) => {
      const { stream, path, startUs, samples, gaps, levels, bytes, bin } = event;
      const { source, device, streamId, sampleRate, channels, bitsPerSample } = stream;
      const { track: _, ...summary } = summarize(levels);
      const stem = relative(server.dataDir, path).replace(/\.wav$/, "");
      const local = { local: true, remote: undefined };
      const forms = [
        { form: "bin", bytes: bin?.bytes, ...local },
        { form: "wav", bytes, ...local },
      ];
      const shape = { source, device, streamId, sampleRate, channels, bitsPerSample };
      return { stem, ...shape, startUs, samples, gaps, levels: summary, forms };
    });
    expect(events[0].gaps).toHaveLength(1);
    const withoutIds = catalogued(server.dataDir).map(({ id: _, endUs: __, ...segment }) => segment);
    expect(withoutIds).toEqual(events);
    const status = await server.receiver.keeperStatus();
    expect(status?.catalogue.usage.map(({ form, localFiles }) => [form, localFiles])).toEqual([
      ["bin", 4],
      ["wav", 4],
    ]);
  });

  it("has the gaps of the ledger", async () => {
    await using server = await TestReceiver.start({ catalogue: true });
    const [first, , ...rest] = frames(1);
    await play(server.ws("/kitchen"), [handshake(), first, ...rest]);
    await server.streamClosed(7);
    const gapsOf = () => read(server.dataDir, ({ gaps }) => gaps.list({ device: "kitchen" }));
    await until("the gap is there", () => gapsOf().length === 1);
    expect(gapsOf()).toMatchObject([{ cause: "lost-frames", samples: 320, filled: true, streamId: 7 }]);
  });

  it("is not made when nothing but recording is wanted", async () => {
    await using server = await TestReceiver.start({ catalogue: false });
    await record(server.ws("/kitchen"), 1);
    await server.streamClosed(7);
    expect(await readdir(server.dataDir)).not.toContain(CATALOGUE_FILE);
    expect(await server.receiver.keeperStatus()).toBeUndefined();
  });
});

describe("after kill -9, the next start", () => {
  it("finds what nobody could tell the catalogue of, also what had to be repaired", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    const flags = ["--ws-segment-seconds", "1"];
    await using killed = await ServerProcess.start({ cwd: folder.path, flags });
    {
      using client = await StreamClient.connect(`${killed.ready.ws}/kitchen`);
      client.send(handshake(), ...frames(2.5));
      await until("the third segment is begun", async () => {
        const names = await readdir(dataDir, { recursive: true });
        return (
          names.filter((name) => name.endsWith(".wav")).length === 2 &&
          names.some((name) => name.endsWith(".wav.part"))
        );
      });
      await killed.stop("SIGKILL");
    }
    await using again = await ServerProcess.start({ cwd: folder.path, flags });
    const files = (await readdir(join(dataDir, "received/kitchen"))).filter((name) => name.endsWith(".wav"));
    expect(files.length).toBeGreaterThan(0);
    const isMeasured = ({ levels }: Segment) => levels !== undefined;
    await untilCatalogued(dataDir, (segments) => segments.filter(isMeasured).length === files.length);
    const expected = files.map((name) => `received/kitchen/${name.replace(".wav", "")}`).sort();
    expect(stems(catalogued(dataDir))).toEqual(expected);
    expect((await again.stop()).code).toBe(0);
  });
});

const keys = ({ id: _, ...segment }: Segment) => segment;

describe("a catalogue that is", () => {
  it.each([
    ["missing", (file: string) => rmSync(file)],
    ["no database", (file: string) => writeFileSync(file, "not a database ".repeat(500))],
    ["cut off", (file: string) => truncateSync(file, 10_000)],
    ["empty", (file: string) => truncateSync(file, 0)],
  ])("%s is built anew from the files while recording goes on, and nothing is deleted", async (_, spoil) => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    const flags = ["--ws-segment-seconds", "1"];
    const options = { cwd: folder.path, flags };
    {
      await using first = await ServerProcess.start(options);
      await record(`${first.ready.ws}/kitchen`, 4);
      await untilCatalogued(dataDir, ({ length }) => length === 4);
      expect((await first.stop()).code).toBe(0);
    }
    const before = catalogued(dataDir).map(keys);
    const files = await readdir(join(dataDir, "received/kitchen"));
    for (const side of ["-wal", "-shm"]) rmSync(join(dataDir, CATALOGUE_FILE + side), { force: true });
    spoil(join(dataDir, CATALOGUE_FILE));
    await using server = await ServerProcess.start(options);
    await record(`${server.ready.ws}/porch`, 2, 2);
    const isMeasured = ({ levels }: Segment) => levels !== undefined;
    await untilCatalogued(dataDir, (segments) => segments.filter(isMeasured).length === 6);
    expect(
      catalogued(dataDir)
        .filter(({ device }) => device === "kitchen")
        .map(keys),
    ).toEqual(before);
    expect(await readdir(join(dataDir, "received/kitchen"))).toEqual(files);
    expect((await server.stop()).code).toBe(0);
  });

  it("damaged while in use is built anew at the latest at the next start, and no segment is missed", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    const options = { cwd: folder.path, flags: ["--ws-segment-seconds", "0.2"] };
    await using server = await ServerProcess.start(options);
    await record(`${server.ready.ws}/kitchen`, 10);
    await untilCatalogued(dataDir, ({ length }) => length === 50);
    for (const side of ["", "-wal"])
      writeFileSync(join(dataDir, CATALOGUE_FILE + side), Buffer.alloc(400_000, 0xa5), { flag: "r+" });
    for (let n = 0; n < 3; n++) await record(`${server.ready.ws}/porch`, 2, n);
    await server.stop("SIGKILL");
    await using next = await ServerProcess.start(options);
    const wavs = (await filesBelow(dataDir)).filter((name) => name.endsWith(".wav"));
    await untilCatalogued(dataDir, ({ length }) => length === wavs.length);
    const { code, stdout } = await next.stop();
    expect(code).toBe(0);
    expect(stdout).toMatch(/catalogue is damaged/);
  });
});
