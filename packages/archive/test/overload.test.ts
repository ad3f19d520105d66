import { describe, expect, it, vi } from "vitest";
import type { StreamRecorder } from "../src/index.js";
import { FaultyFs, gate } from "./support/faulty-fs.js";
import { Studio, signal } from "./support/studio.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { interval: 5 });

function send(studio: Studio, recorder: StreamRecorder, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    studio.clock.nowUs += 1_000_000;
    recorder.begin(studio.clock.nowUs);
    recorder.write(signal(recorder.samples * 2, 2000), 0, 2000);
    recorder.end(studio.clock.nowUs);
    recorder.flush(studio.clock.nowUs);
  }
}

/** A stream whose sender is held for 10 s by a stalled disk, and then let go. */
async function heldStream() {
  const disk = new FaultyFs();
  const studio = new Studio(newFolder(), { fs: disk.fs });
  const relieved: number[] = [];
  const options = { backlogBytes: 10_000, segmentSeconds: 60, onRelief: () => relieved.push(1) };
  const recorder = studio.record({}, options);
  send(studio, recorder, 3);
  const slow = gate();
  disk.fault = (call) => (call.startsWith("write") ? { until: slow.passed } : undefined);
  while (!recorder.congested) send(studio, recorder, 1);
  for (let tick = 0; tick < 10; tick++) {
    studio.clock.nowUs += 1_000_000;
    recorder.flush(studio.clock.nowUs);
  }
  disk.fault = () => undefined;
  slow.open();
  await until(() => relieved.length > 0);
  return { studio, recorder };
}

describe("a sender that was held because the disk was behind", () => {
  it("and lost frames over it, lost them to overload", async () => {
    const { studio, recorder } = await heldStream();
    recorder.silence(4000, "lost-frames");
    recorder.omit(1000, "lost-frames");
    await recorder.close();
    expect(studio.gaps.map(({ cause, samples }) => [cause, samples])).toEqual([
      ["overload", 4000],
      ["overload", 1000],
    ]);
    expect(studio.completed[0].gaps.map(({ cause }) => cause)).toEqual(["overload", "overload"]);
  });

  it("and has no numbers, lost what its time lacks to overload", async () => {
    const { studio, recorder } = await heldStream();
    send(studio, recorder, 3);
    await recorder.close();
    expect(studio.gaps).toMatchObject([{ cause: "overload", filled: false }]);
    expect(Math.abs(studio.gaps[0].samples / 1000 - 10)).toBeLessThanOrEqual(1); // a block is 1 s
  });

  it("and lost nothing then, has later gaps for other reasons", async () => {
    const { studio, recorder } = await heldStream();
    recorder.begin(studio.clock.nowUs);
    recorder.write(signal(0, 20_000), 0, 20_000); // what it had kept
    recorder.end(studio.clock.nowUs);
    send(studio, recorder, 30);
    recorder.silence(100, "lost-frames");
    await recorder.close();
    expect(studio.gaps.map(({ cause }) => cause)).toEqual(["lost-frames"]);
  });
});
