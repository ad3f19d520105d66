import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { filesBelow, joinedAudio, readRecording } from "./support/recordings.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";

const AUDIO = tones(3200);
const FRAMES = pcmFrames(AUDIO, { frameSamples: 320 });

const NUMBERS = Array.from({ length: 40 }, (_, i) => i + 1);
const byValue = (a: number, b: number) => a - b;

/** `yyyyMMdd_HHmmss` of a moment in a time zone, from the platform's own calendar. */
function stamp(us: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return format
    .format(us / 1000)
    .replaceAll(/[-:]/g, "")
    .replace(" ", "_");
}

describe.concurrent("the names of the table", () => {
  it.each([
    ["", 7, "received/stream_7_"],
    ["/kitchen", 0, "received/kitchen/stream_0_kitchen_"],
    ["/24:0a:c4:01:02:03", 4_294_967_295, "received/24_0a_c4_01_02_03/stream_4294967295_24_0a_c4_01_02_03_"],
    ["/..%2F..%2Fetc%2fpasswd", 1, "received/____etcpasswd/stream_1_____etcpasswd_"],
    ["/a%00b%5Cc", 2, "received/abc/stream_2_abc_"],
    [`/${"d".repeat(80)}`, 3, `received/${"d".repeat(64)}/stream_3_${"d".repeat(64)}_`],
    ["/%20", 4, "received/stream_4_"],
  ])("ws%s, stream %i", async (path, streamId, start) => {
    await using server = await TestReceiver.start({ timezone: "UTC" });
    await play(server.ws(path), [handshake({ streamId }), ...FRAMES]);
    await server.streamClosed(streamId);
    const [{ startUs }] = server.segmentsOf(streamId);
    const stem = `${start}${stamp(startUs, "UTC")}`;
    expect(await filesBelow(server.dataDir)).toEqual([`${stem}.bin`, `${stem}.wav`]);
  });
});

describe.concurrent("time zones", () => {
  it.each(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC"])(
    "%s stands in names and metadata",
    async (timezone) => {
      await using server = await TestReceiver.start({ timezone });
      await play(server.ws(), [handshake(), ...FRAMES]);
      await server.streamClosed(7);
      const [{ path, startUs }] = server.segmentsOf(7);
      const time = stamp(startUs, timezone);
      expect(basename(path)).toBe(`stream_7_${time}.wav`);
      const { metadata, chunks } = await readRecording(path);
      expect(metadata?.startUs).toBe(startUs);
      const { year, month, day, hour, minute, second, microsecond } = metadata!.local;
      const digits = (value: number) => String(value).padStart(2, "0");
      expect(`${year}${digits(month)}${digits(day)}_${digits(hour)}${digits(minute)}${digits(second)}`).toBe(
        time,
      );
      expect(microsecond).toBe(startUs % 1_000_000);
      // EBU Tech 3285: TimeReference counts samples since midnight; 338 bytes into the chunk, behind its 8 bytes.
      const seconds = hour * 3600 + minute * 60 + second + microsecond / 1e6;
      const at = chunks.indexOf("bext") + 8 + 338;
      expect(Math.abs(Number(chunks.readBigUInt64LE(at)) - seconds * 16_000)).toBeLessThanOrEqual(1);
    },
  );
});

describe.concurrent("a name that is taken", () => {
  it("by streams of the same ids at the same time: every one is complete under a name of its own", async () => {
    await using server = await TestReceiver.start({ pathDevice: "received/{device}/stream_{stream}" });
    const clients = await Promise.all(NUMBERS.map(() => StreamClient.connect(server.ws("/kitchen"))));
    const audio = clients.map((_, i) => tones(3200, { seed: i + 10 }));
    for (const client of clients) client.send(handshake());
    for (let frame = 0; frame < 10; frame++) {
      for (const [i, client] of clients.entries())
        client.send(pcmFrames(audio[i], { frameSamples: 320 })[frame]);
    }
    await Promise.all(clients.map((client) => client.close()));
    await server.receiver.close();
    const recorded = await Promise.all(server.segments.map((segment) => joinedAudio([segment])));
    expect(recorded.map((data) => audio.findIndex((one) => one.equals(data))).sort(byValue)).toEqual(
      NUMBERS.map((n) => n - 1),
    );
    const numbers = server.segments.map(({ path }) =>
      Number(/^stream_7(?:_(\d+))?\.wav$/.exec(basename(path))![1] ?? 1),
    );
    expect(numbers.sort(byValue)).toEqual(NUMBERS);
    for (const { path, bin } of server.segments) expect(bin?.path).toBe(path.replace(/wav$/, "bin"));
    expect(await filesBelow(server.dataDir)).toHaveLength(2 * NUMBERS.length);
  });

  it("by a reconnect in the same second", async () => {
    await using server = await TestReceiver.start({ timezone: "UTC" });
    const rounds = 12;
    for (let round = 0; round < rounds; round++) await play(server.ws("/kitchen"), [handshake(), ...FRAMES]);
    await server.receiver.close();
    expect(server.segments).toHaveLength(rounds);
    const stems = new Set(server.segments.map(({ path }) => path));
    expect(stems.size).toBe(rounds);
    for (const { path, startUs } of server.segments) {
      expect(basename(path)).toMatch(
        new RegExp(`^stream_7_kitchen_${stamp(startUs, "UTC")}(_([2-9]|1\\d))?\\.wav$`),
      );
      expect((await joinedAudio([{ path }])).equals(AUDIO)).toBe(true);
    }
  });

  it("by anything that a recording may have become, or that somebody put there", async () => {
    await using folder = await temporaryFolder();
    const taken = ["kitchen.wav", "kitchen_2.bin", "kitchen_3.flac", "kitchen_4.opus", "kitchen_5.wav"];
    await mkdir(join(folder.path, "fixed"));
    for (const name of taken) await writeFile(join(folder.path, "fixed", name), name);
    await using server = await TestReceiver.start({ dataDir: folder.path, pathDevice: "fixed/{device}" });
    await play(server.ws("/kitchen"), [handshake(), ...FRAMES]);
    await server.streamClosed(7);
    expect(relative(folder.path, server.segmentsOf(7)[0].path)).toBe("fixed/kitchen_6.wav");
    for (const name of taken) {
      expect(await readFile(join(folder.path, "fixed", name), "utf8")).toBe(name);
    }
    expect(await filesBelow(folder.path)).toHaveLength(taken.length + 2);
  });
});

describe.concurrent("templates", () => {
  it("make any path below the data directory", async () => {
    await using server = await TestReceiver.start({
      timezone: "UTC",
      pathDevice: "{date}/{HH}/{device}-{stream}.{source}",
      pathAnonymous: "nobody_{yyyy}-{MM}-{dd}_{mm}-{ss}",
    });
    await play(server.ws("/kitchen"), [handshake({ streamId: 1 }), ...FRAMES]);
    await play(server.ws(), [handshake({ streamId: 2 }), ...FRAMES]);
    await Promise.all([server.streamClosed(1), server.streamClosed(2)]);
    const [named] = server.segmentsOf(1);
    const [, yyyy, MM, dd, HH] = /^(\d{4})(\d\d)(\d\d)_(\d\d)/.exec(stamp(named.startUs, "UTC"))!;
    expect(relative(server.dataDir, named.path)).toBe(`${yyyy}-${MM}-${dd}/${HH}/kitchen-1.websocket.wav`);
    expect(relative(server.dataDir, server.segmentsOf(2)[0].path)).toMatch(
      /^nobody_\d{4}-\d\d-\d\d_\d\d-\d\d\.wav$/,
    );
  });

  it.each(["../{device}", "/etc/{device}", "a/../b", "{nothing}", "a//b", "", ".hidden/{device}", "a b"])(
    "%j is refused, so no path leaves the data directory",
    async (pathDevice) => {
      await expect(TestReceiver.start({ pathDevice })).rejects.toMatchObject({
        code: "invalid-setting",
        message: expect.stringMatching(/^pathDevice \(option\): ".*" is not allowed; allowed is /),
      });
    },
  );
});

describe.concurrent("align clock", () => {
  const align = "clock" as const;

  it("cuts at round seconds and loses nothing", async () => {
    await using server = await TestReceiver.start({ align, wsSegmentSeconds: 10, timezone: "UTC" });
    const audio = tones(16_000 * 35);
    await play(server.ws(), [handshake({ frameSamples: 4321 }), ...pcmFrames(audio, { frameSamples: 4321 })]);
    await server.streamClosed(7);
    const segments = server.segmentsOf(7);
    expect((await joinedAudio(segments)).equals(audio)).toBe(true);
    const [first, ...others] = segments;
    expect(first.samples).toBeLessThanOrEqual(16_000 * 11);
    expect(others.length).toBeGreaterThanOrEqual(3);
    for (const { startUs, path } of others) {
      expect(startUs % 10_000_000).toBeLessThan(63); // within the sample that follows the round time
      expect(basename(path)).toMatch(/0\.wav$/);
    }
    expect(others.slice(0, -1).every(({ samples }) => Math.abs(samples - 160_000) <= 1)).toBe(true);
  });

  it("means local times, where an hour begins at a quarter of UTC's", async () => {
    await using server = await TestReceiver.start({
      align,
      wsSegmentSeconds: 3600,
      timezone: "Asia/Kathmandu",
    });
    const frames = pcmFrames(Buffer.alloc(2 * 1000 * 3600 * 2.5), { frameSamples: 60_000 });
    await play(server.ws(), [handshake({ sampleRate: 1000, frameSamples: 60_000 }), ...frames]);
    await server.streamClosed(7);
    const [, second, third] = server.segmentsOf(7);
    for (const { startUs, path } of [second, third]) {
      expect((startUs / 60_000_000) % 60).toBeCloseTo(15, 3);
      expect(basename(path)).toMatch(/_\d\d0000\.wav$/);
    }
  });
});
