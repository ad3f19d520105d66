import type { Catalogue, Segment } from "@audio/archive";
import { expect, it } from "vitest";
import { pause, until } from "../../receiver/test/support/waiting.js";
import { Pipeline } from "../src/pipeline.js";
import type { SegmentStep } from "../src/queue/step.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";

/** A pipeline of one step, whose tries are counted, and one segment in it. */
function oneStep(catalogue: Catalogue, run: SegmentStep["run"], more: Partial<SegmentStep> = {}) {
  const troubles: unknown[] = [];
  const counts = { tries: 0 };
  const step: SegmentStep = {
    name: "compress",
    concurrency: 1,
    wants: () => true,
    run: (segment, signal) => {
      counts.tries++;
      return run(segment, signal);
    },
    retryMs: () => 1,
    ...more,
  };
  const pipeline = new Pipeline({
    catalogue,
    steps: [step],
    messages: [],
    tell: () => undefined,
    onTrouble: (error) => troubles.push(error),
    now: () => Date.now(),
  });
  const begin = () => pipeline.begin(catalogue.segments.byId(putSegment(catalogue, 1)) as Segment);
  return { pipeline, begin, counts, troubles, [Symbol.asyncDispose]: () => pipeline.stop() };
}

it("what a catalogue that takes nothing cannot note is not done again and again", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const { transaction } = catalogue;
  await using work = oneStep(catalogue, async () => undefined);
  work.begin();
  catalogue.transaction = () => {
    throw new Error("database or disk is full");
  };
  await until("it is noticed", () => work.troubles.length === 1);
  await pause(500);
  expect(work.counts.tries).toBe(1);
  catalogue.transaction = transaction;
  await until("it is done", () => catalogue.jobs.lengths().length === 0);
  expect(work.counts.tries).toBe(2);
});

it("a failure that says nothing of the segment does not count, however often it comes", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const attempts: number[] = [];
  const fails = async () => {
    throw new Error("busy");
  };
  const retryMs = (_: unknown, failures: number) => {
    attempts.push(failures);
    return failures > 3 ? undefined : 1;
  };
  await using work = oneStep(catalogue, fails, { isUncounted: () => true, retryMs });
  work.begin();
  await until("it was tried often", () => work.counts.tries >= 6);
  expect(Math.max(...attempts)).toBe(2);
});

it("what failed before is tried at the next start, and not only when it would have been", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  {
    await using work = oneStep(
      catalogue,
      async () => {
        throw new Error("wrong keys");
      },
      { isCommon: () => true, retryMs: () => 3_600_000 },
    );
    work.begin();
    await until("it waits", () => catalogue.jobs.lengths()[0]?.failing === 1);
  }
  await using again = oneStep(catalogue, async () => undefined);
  again.pipeline.start();
  await until("it is done", () => catalogue.jobs.lengths().length === 0);
});
