import type { DeviceNow, Now } from "@audio/api";
import { describe, expect, it } from "vitest";
import { lastFirstLine, screenOf } from "../src/top/screen.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { GoodStream } from "./support/good-stream.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const NOW_US = 1_795_000_000_000_000;

function device(name: string, state: DeviceNow["state"], lastUs = NOW_US): DeviceNow {
  return {
    device: name,
    state,
    why: state === "offline" ? "it has closed the connection" : null,
    lastUs,
    streams: [],
  };
}

function now(devices: readonly DeviceNow[]): Now {
  const disk = {
    totalBytes: 2 ** 40,
    freeBytes: 2 ** 30,
    keepFreeBytes: 0,
    recordedBytes: 0,
    bytesPerSecond: 2048,
    hoursLeft: 50,
    trouble: null,
  };
  const queue = {
    step: "upload",
    waiting: 4,
    running: 1,
    failing: 0,
    givenUp: 2,
    isWaiting: true,
    oldestMs: 5,
  };
  return {
    nowUs: NOW_US,
    devices: [...devices],
    disk,
    queues: [queue],
    readiness: { status: "ok", reasons: [] },
  };
}

describe("the screen of top", () => {
  it("shows what needs a look first, and never more than there is room for", () => {
    const many = Array.from({ length: 50 }, (_, i) => device(`mic-${i}`, "recording"));
    const all = now([...many, device("barn", "offline", NOW_US - 90e6), device("attic", "silent")]);
    const lines = screenOf(all, { rows: 20, columns: 60 }).split("\n");
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(60);
    expect(lines.slice(0, 3)).toEqual([
      "records · 52 devices: 1 silent, 50 recording, 1 offline",
      "disk   1.0 GB of 1.0 TB free, 2.0 KB/s, 2 d 2 h left",
      "queues upload 5, held up, 2 given up",
    ]);
    expect(lines[5]).toMatch(/^attic +silent/);
    expect(lines.at(-1)).toBe("↓ 38 more");
    const size = { rows: 20, columns: 60 };
    expect(screenOf(all, size, 5).split("\n").at(-1)).toBe("↑ 5 more   ↓ 33 more");
    expect(screenOf(all, size, lastFirstLine(all, size)).split("\n").slice(-2)).toEqual([
      expect.stringMatching(/^barn /),
      "↑ 38 more",
    ]);
    expect(screenOf(all, { rows: 99, columns: 200 })).toMatch(/^barn .* 1 min 30 s ago$/m);
  });

  it("leaves out what is needed least where the window is narrow, and shortens names", () => {
    const stream = {
      codec: "ima-adpcm",
      sampleRate: 16_000,
      channels: 1,
      level: { peakDbfs: -3.3, rmsDbfs: -12 },
      lostFrames: 7,
      driftPpm: 12,
      endUs: NOW_US,
    } as DeviceNow["streams"][number];
    const named = now([{ ...device("x".repeat(64), "recording"), streams: [stream] }]);
    const header = (columns: number) => screenOf(named, { rows: 24, columns }).split("\n")[4].split(/ {2,}/);
    expect(header(200)).toEqual([
      "device",
      "state",
      "codec",
      "rate",
      "level",
      "peak",
      "lost",
      "drift",
      "heard until",
    ]);
    expect(header(80)).toEqual(["device", "state", "peak", "lost", "heard until"]);
    expect(screenOf(named, { rows: 24, columns: 200 })).toContain(`\n${"x".repeat(31)}…  recording`);
  });

  it("says when nothing is recorded, and why", () => {
    const stopped: Now = { ...now([]), readiness: { status: "unavailable", reasons: ["disk-full"] } };
    expect(screenOf(stopped, { rows: 9, columns: 80 })).toMatch(
      /^DOES NOT RECORD: disk-full · 0 devices: none yet\n/,
    );
  });
});

describe("audio-receiver top", () => {
  it("asks a receiver that runs, as one who may", async () => {
    await using folder = await temporaryFolder();
    const env = { WEB_UI_PASSWORD: "open sesame" };
    await using server = await ServerProcess.start({ cwd: folder.path, env });
    await using stream = await GoodStream.start(`${server.ready.ws}/kitchen`, 1);
    const top = (...flags: string[]) =>
      audioReceiver(["top", "--url", server.ready.web!, ...flags], { cwd: folder.path, env });
    await until("kitchen", async () => (await top("--json")).stdout.includes('"device":"kitchen"'));
    const { code, stdout } = await top();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\nkitchen +(recording|silent)/)]);
    await stream.finish();
    const wrong = { WEB_UI_PASSWORD: "another" };
    const refused = await audioReceiver(["top", "--url", server.ready.web!], {
      cwd: folder.path,
      env: wrong,
    });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("wrong name or password")]);
    const nobody = await audioReceiver(["top", "--url", "nowhere"], { cwd: folder.path, env });
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("--url")]);
  });
});
