import { afterEach, describe, expect, it } from "vitest";
import type { SegmentComplete } from "../src/events.js";
import { FinishingSegments } from "../src/recording/finishing-segments.js";
import type { OpenSegment } from "../src/recording/open-segment.js";
import { MONO_16 } from "./support/studio.js";

const ignore = () => undefined;
let thrown: unknown[] = [];
const earlier = process.listeners("uncaughtException");

/** A segment that is finished when the test says so. */
function newSegment(name: string) {
  let succeed: (event: SegmentComplete) => void = ignore;
  let fail: (error: Error) => void = ignore;
  const finished = new Promise<SegmentComplete>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  const segment = { files: { path: name }, finish: () => finished } as unknown as OpenSegment;
  return {
    segment,
    succeed: () => succeed({ path: name } as SegmentComplete),
    fail: () => fail(new Error("EIO")),
  };
}

function newFinishing(onTold: (what: string) => void = ignore) {
  const told: string[] = [];
  const failed: unknown[] = [];
  const tell = (what: string) => {
    told.push(what);
    onTold(what);
  };
  const listener = {
    segmentOpen: ignore,
    segmentComplete: ({ path }: { path: string }) => tell(`complete ${path}`),
    segmentFailed: ({ path, error }: { path: string | undefined; error: Error }) =>
      tell(`failed ${path} ${error.message}`),
    gap: ignore,
  };
  const sizes: number[] = [];
  const finishing: FinishingSegments = new FinishingSegments({
    stream: MONO_16,
    listener,
    onFailed: (segment) => void failed.push(segment),
    onFinished: () => void sizes.push(finishing.size),
  });
  return { finishing, told, failed, sizes };
}

afterEach(() => {
  process.removeAllListeners("uncaughtException");
  for (const listener of earlier) process.on("uncaughtException", listener);
  thrown = [];
});

describe("segments that are being finished", () => {
  it("are told in the order in which they began, whichever is ready first", async () => {
    const { finishing, told, failed, sizes } = newFinishing();
    const [a, b, c] = ["a", "b", "c"].map(newSegment);
    for (const { segment } of [a, b, c]) finishing.add(segment);
    expect(finishing.size).toBe(3);
    c.succeed();
    b.fail();
    await new Promise(setImmediate);
    expect([told, failed, sizes]).toEqual([[], [b.segment], [2, 1]]);
    a.succeed();
    await finishing.idle;
    expect(told).toEqual(["complete a", "failed b EIO", "complete c"]);
    expect(finishing.size).toBe(0);
  });

  it("are all told though a listener throws, and its error is not swallowed", async () => {
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    const { finishing, told } = newFinishing((what) => {
      if (what === "complete a") throw new Error("a listener's mistake");
    });
    const [a, b] = ["a", "b"].map(newSegment);
    for (const { segment, succeed } of [a, b]) {
      finishing.add(segment);
      succeed();
    }
    await finishing.idle;
    await new Promise(setImmediate);
    expect(told).toEqual(["complete a", "complete b"]);
    expect(thrown).toMatchObject([{ message: "a listener's mistake" }]);
  });
});
