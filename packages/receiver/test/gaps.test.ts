import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { GapQuery, GapRecord } from "../src/index.js";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { play, StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

const frames = (firstSeq: number, count: number) =>
  pcmFrames(tones(count * 320), { frameSamples: 320, firstSeq });

/** A device that loses 50 frames (1 s) in the middle of two seconds of audio. */
const LOSSY = [handshake(), ...frames(0, 50), ...frames(100, 50)];

async function gapsOf(server: TestReceiver, query?: GapQuery): Promise<GapRecord[]> {
  const found: GapRecord[] = [];
  for await (const gap of server.receiver.gaps(query)) found.push(gap);
  return found;
}

const gapsCommand = (dataDir: string, ...words: string[]) =>
  audioReceiver(["gaps", "--data-dir", dataDir, ...words], { cwd: dataDir });

describe.concurrent("the gap ledger of a receiver", () => {
  it("holds the silence-filled ones, also after a restart", async () => {
    await using folder = await temporaryFolder();
    const expected = [
      { device: "kitchen", streamId: 7, source: "websocket", samples: 16_000, lengthUs: 1_000_000 },
      { device: "porch", cause: "lost-frames", filled: true, sampleRate: 16_000, gaps: 1 },
    ];
    {
      await using server = await TestReceiver.start({ dataDir: folder.path, wsSegmentSeconds: 1 });
      await play(server.ws("/kitchen"), LOSSY);
      await play(server.ws("/porch"), LOSSY);
      await until("both ends", () => server.closed.length === 2);
      expect(await gapsOf(server)).toMatchObject(expected);
      expect(await gapsOf(server, { device: "porch" })).toHaveLength(1);
      const [first] = server.segmentsOf(7);
      expect((await gapsOf(server))[0].startUs - first.startUs).toBe(1_000_000);
    }
    await using again = await TestReceiver.start({ dataDir: folder.path });
    expect(await gapsOf(again)).toMatchObject(expected);
    expect(await gapsOf(again, { cause: "disconnected" })).toEqual([]);
  });

  it("holds what was left out, and how long a device was away", async () => {
    await using server = await TestReceiver.start({ gapFill: "none" });
    await play(server.ws("/kitchen"), LOSSY);
    await server.streamClosed(7);
    await pause(5500); // the first connection's three seconds of audio came at once
    await play(server.ws("/kitchen"), [handshake(), ...frames(0, 50)]);
    await until("both ends", () => server.closed.length === 2);
    const gaps = await gapsOf(server);
    expect(gaps.map(({ cause, filled }) => [cause, filled])).toEqual([
      ["lost-frames", false],
      ["disconnected", false],
    ]);
    expect(gaps).toMatchObject(server.gaps.map(({ stream: _, ...gap }) => gap));
  });

  it("holds all but the last second of a server that was killed", async () => {
    await using folder = await temporaryFolder();
    await using server = await ServerProcess.start({ cwd: folder.path });
    await play(`${server.ready.ws}/kitchen`, LOSSY);
    await pause(2500);
    await server.stop("SIGKILL");
    const { stdout } = await gapsCommand(join(folder.path, "data"), "--json");
    expect(JSON.parse(stdout)).toMatchObject({ device: "kitchen", samples: 16_000, filled: true });
  });

  it("tells that the server was down while a device wanted to send", async () => {
    await using folder = await temporaryFolder();
    const talk = async (url: string, firstSeq: number) => {
      const client = await StreamClient.connect(`${url}/kitchen`);
      client.send(handshake(), ...frames(firstSeq, 50));
      await pause(2500);
      return client;
    };
    await using server = await ServerProcess.start({ cwd: folder.path });
    using device = await talk(server.ready.ws!, 0);
    expect(device.socket.readyState).toBe(device.socket.OPEN);
    await server.stop("SIGKILL");
    await pause(2500);
    await using again = await ServerProcess.start({ cwd: folder.path });
    using back = await talk(again.ready.ws!, 0);
    await back.close();
    await again.stop();
    const { stdout } = await gapsCommand(join(folder.path, "data"), "--json");
    const { cause, lengthUs, device: who } = JSON.parse(stdout);
    expect([cause, who, lengthUs > 4_000_000, lengthUs < 60_000_000]).toEqual([
      "server-restart",
      "kitchen",
      true,
      true,
    ]);
  });

  it("that cannot be written does not stop a recording, and is told", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "gaps"), "not a folder");
    await using server = await TestReceiver.start({ dataDir: folder.path });
    const told: (string | undefined)[] = [];
    server.receiver.events.on("ledger", ({ error }) => told.push(error?.message));
    await play(server.ws("/kitchen"), LOSSY);
    await server.streamClosed(7);
    await until("the failure is told", () => told.length === 1);
    expect(told[0]).toContain("ENOTDIR");
    expect(server.segmentsOf(7)[0].samples).toBe(48_000);
    await rm(join(folder.path, "gaps"));
    await until("it is written again", () => told.length === 2);
    expect(told[1]).toBeUndefined();
    expect(await gapsOf(server)).toHaveLength(1);
  });
});

describe.concurrent("audio-receiver gaps", () => {
  /** Two gaps in `gaps/2026-11-20.jsonl`, one of them several. */
  async function ledger(dataDir: string): Promise<void> {
    const startUs = Date.UTC(2026, 10, 20, 17) * 1000;
    const gap = { source: "websocket", streamId: 1, sampleRate: 16_000, cause: "lost-frames", filled: true };
    const lines = [
      {
        ...gap,
        device: "kitchen",
        startUs,
        endUs: startUs + 60_000,
        lengthUs: 60_000,
        samples: 960,
        gaps: 1,
      },
      {
        ...gap,
        streamId: undefined,
        startUs: startUs + 3_600_000_000,
        endUs: startUs + 3_660_000_000,
        lengthUs: 7_500_000,
        samples: 120_000,
        gaps: 12,
        cause: "overload",
        filled: false,
      },
    ];
    await mkdir(join(dataDir, "gaps"));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeFile(join(dataDir, "gaps", "2026-11-20.jsonl"), text);
  }

  it("is a table for people, with a sum for each cause", async () => {
    await using folder = await temporaryFolder();
    await ledger(folder.path);
    const { code, stdout } = await gapsCommand(
      folder.path,
      "--from",
      "2026-11-20",
      "--timezone",
      "Europe/Vienna",
    );
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["when", "how long", "cause", "in the file", "device"],
      ["2026-11-20 18:00:00.000", "0.06 s", "lost-frames", "silence", "kitchen (stream 1)"],
      ["2026-11-20 19:00:00.000", "7.5 s of 1 min 0 s", "overload", "-", "(websocket, several streams)"],
      [""],
      ["1 gap, 0.06 s in all: lost-frames"],
      ["12 gaps, 7.5 s in all: overload"],
      [""],
    ]);
  });

  it.each([
    [["--from", "2026-11-20T18:30"], ["overload"]],
    [["--from", "2026-11-20T17:30Z"], ["overload"]],
    [["--from", "2026-11-20", "--to", "2026-11-20 18:30:00"], ["lost-frames"]],
    [
      ["--from", "2026-11-20", "--to", "2026-11-20"],
      ["lost-frames", "overload"],
    ],
    [["--from", "2026-11-01", "--to", "2026-11-19"], []],
    [["--from", "2026-11-20", "--cause", "overload"], ["overload"]],
    [["--from", "2026-11-20", "--device", "kitchen"], ["lost-frames"]],
    [
      ["--from", "-999999d"],
      ["lost-frames", "overload"],
    ],
  ])("answers %j", async (words, causes) => {
    await using folder = await temporaryFolder();
    await ledger(folder.path);
    const zone = ["--timezone", "Europe/Vienna", "--json"];
    const { code, stdout, stderr } = await gapsCommand(folder.path, ...words, ...zone);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines.map((line) => JSON.parse(line).cause)).toEqual(causes);
  });

  it.each([
    [["--from", "yesterday"], '--from: "yesterday" is not allowed; allowed is a date (2026-11-20)'],
    [["--from", "2026-02-31"], '--from: "2026-02-31" is not allowed'],
    [["--to", "2026-11-20T25:00"], '--to: "2026-11-20T25:00" is not allowed'],
    [["--cause", "gremlins"], "Allowed choices are lost-frames"],
    [["--data-dir", "nowhere"], "nowhere does not exist"],
  ])("says what is wrong with %j", async (words, message) => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await audioReceiver(["gaps", "--data-dir", ".", ...words], {
      cwd: folder.path,
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it("says so when nothing is missing, and has examples", async () => {
    await using folder = await temporaryFolder();
    expect(await gapsCommand(folder.path)).toMatchObject({ code: 0, stdout: "no gaps\n" });
    const { stdout } = await gapsCommand(folder.path, "--help");
    expect(stdout).toContain("audio-receiver gaps --device kitchen --from -7d");
  });
});
