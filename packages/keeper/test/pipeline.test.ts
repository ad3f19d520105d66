import type { Catalogue, Segment } from "@audio/archive";
import { describe, expect, it } from "vitest";
import { until } from "../../receiver/test/support/waiting.js";
import { Pipeline } from "../src/pipeline.js";
import type { SegmentStep } from "../src/queue/step.js";
import { newCatalogue, putSegment } from "./support/catalogue.js";

interface Told {
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A step that notes what it did; `fails` says what with. */
function step(name: string, done: string[], more: Partial<SegmentStep> = {}): SegmentStep {
  return {
    name,
    concurrency: 2,
    wants: () => true,
    run: async ({ stem }) => {
      done.push(`${name} ${stem.replace(/.*_/, "")}`);
      return undefined;
    },
    retryMs: () => 1,
    ...more,
  };
}

function pipelineOf(catalogue: Catalogue, steps: SegmentStep[]) {
  const told: Told[] = [];
  const troubles: unknown[] = [];
  const pipeline = new Pipeline({
    catalogue,
    steps,
    messages: [],
    tell: (level, message, fields) => told.push({ level, message, fields }),
    onTrouble: (error) => troubles.push(error),
    now: () => Date.now(),
  });
  const begin = (id: number) => pipeline.begin(catalogue.segments.byId(id) as Segment);
  return { pipeline, begin, told, troubles, [Symbol.asyncDispose]: () => pipeline.stop() };
}

const empty = (catalogue: Catalogue) => () => catalogue.jobs.lengths().length === 0;

describe("a segment", () => {
  it("goes through the steps that want it, in their order", async () => {
    using store = newCatalogue();
    const { catalogue } = store;
    const done: string[] = [];
    const steps = [step("measure", done), step("skip", done, { wants: () => false }), step("tell", done)];
    await using work = pipelineOf(catalogue, steps);
    work.begin(putSegment(catalogue, 1));
    await until("it is done", empty(catalogue));
    expect(done).toEqual(["measure 1", "tell 1"]);
    expect([work.told, work.troubles]).toEqual([[], []]);
  });

  it("goes to single steps alone, if asked to", async () => {
    using store = newCatalogue();
    const { catalogue } = store;
    const done: string[] = [];
    await using work = pipelineOf(catalogue, [
      step("measure", done),
      step("upload", done),
      step("tell", done),
    ]);
    const segment = catalogue.segments.byId(putSegment(catalogue, 1)) as Segment;
    work.pipeline.only(segment, ["measure", "upload"]);
    await until("it is done", empty(catalogue));
    expect(done.sort()).toEqual(["measure 1", "upload 1"]);
  });

  it("that fails is tried again, and holds up no other", async () => {
    using store = newCatalogue();
    const { catalogue } = store;
    const done: string[] = [];
    const [bad, good] = [putSegment(catalogue, 1), putSegment(catalogue, 2)];
    let failures = 0;
    const compress = step("compress", done, {
      run: async ({ id, stem }) => {
        if (id === bad && ++failures < 3) throw new Error("no luck");
        if (id === bad) await until("the other is done", () => done.includes("tell 2"));
        done.push(stem.replace(/.*_/, ""));
        return undefined;
      },
    });
    await using work = pipelineOf(catalogue, [compress, step("tell", done)]);
    work.begin(bad);
    work.begin(good);
    await until("both are done", empty(catalogue));
    expect(done).toEqual(["2", "tell 2", "1", "tell 1"]);
    expect(work.told.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: compress failed, will be tried again",
      "warn: compress failed, will be tried again",
    ]);
    expect(work.told[1].fields).toMatchObject({ attempts: 2, reason: "no luck" });
  });

  it("that fails for good is given up, goes on without, and is taken up when asked for", async () => {
    using store = newCatalogue();
    const { catalogue } = store;
    const done: string[] = [];
    let isMended = false;
    const compress = step("compress", done, {
      retryMs: () => undefined,
      run: async () => {
        if (!isMended) throw new Error("no PCM");
        return undefined;
      },
    });
    await using work = pipelineOf(catalogue, [compress, step("tell", done)]);
    work.begin(putSegment(catalogue, 1));
    await until("it is told", () => done.includes("tell 1"));
    expect(catalogue.jobs.lengths()).toMatchObject([{ step: "compress", waiting: 0, givenUp: 1 }]);
    expect(work.told).toMatchObject([{ level: "error", message: "compress failed, given up" }]);
    isMended = true;
    catalogue.jobs.retryAll("compress", Date.now());
    work.pipeline.wake("compress");
    await until("it is done", empty(catalogue));
    expect(done).toEqual(["tell 1"]);
  });

  it("does not wait behind a step that yields, and goes on once", async () => {
    using store = newCatalogue();
    const { catalogue } = store;
    const done: string[] = [];
    let isUp = false;
    const upload = step("upload", done, {
      yields: true,
      run: async () => {
        if (!isUp) throw new Error("no route");
        done.push("uploaded");
        return undefined;
      },
    });
    await using work = pipelineOf(catalogue, [upload, step("tell", done)]);
    work.begin(putSegment(catalogue, 1));
    await until("it is told", () => done.includes("tell 1"));
    isUp = true;
    await until("it is uploaded", empty(catalogue));
    expect(done).toEqual(["tell 1", "uploaded"]);
  });
});

it("a fault that all share makes the queue wait, and one job is tried before all go on", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  let isUp = false;
  let tries = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const upload = step("upload", [], {
    concurrency: 4,
    isCommon: () => true,
    retryMs: (_, inARow) => Math.min(20 * inARow, 60),
    run: async () => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      tries++;
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      if (!isUp) throw new Error("no route");
      return undefined;
    },
  });
  await using work = pipelineOf(catalogue, [upload]);
  for (let n = 0; n < 50; n++) work.begin(putSegment(catalogue, n));
  await until("it has tried", () => tries >= 8);
  const waiting = work.pipeline.runners.get("upload");
  expect(waiting?.isWaiting).toBe(true);
  expect(work.told.length).toBeLessThan(tries + 1);
  mostAtOnce = 0;
  const before = tries;
  await until("it has tried more", () => tries >= before + 3);
  expect(mostAtOnce).toBe(1);
  isUp = true;
  await until("all are done", empty(catalogue));
  expect(waiting?.isWaiting).toBe(false);
});

it("what was running when it stopped waits for the next start", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const hangs = step("compress", [], {
    run: (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
  });
  const work = pipelineOf(catalogue, [hangs]);
  work.begin(putSegment(catalogue, 1));
  await until("it runs", () => work.pipeline.runners.get("compress")?.running === 1);
  await work.pipeline.stop();
  expect(work.told).toEqual([]);
  const done: string[] = [];
  await using next = pipelineOf(catalogue, [step("compress", done)]);
  next.pipeline.start();
  await until("it is done", empty(catalogue));
  expect(done).toEqual(["compress 1"]);
});

it("what a step commits and the end of its job are one", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const id = putSegment(catalogue, 1);
  let isBroken = true;
  const compress = step("compress", [], {
    run: async () => () => {
      catalogue.segments.addLocal(id, "flac", 5);
      if (isBroken) throw new Error("disk full");
    },
  });
  await using work = pipelineOf(catalogue, [compress]);
  work.begin(id);
  await until("it failed", () => work.told.length > 0);
  expect(catalogue.segments.byId(id)?.forms).toHaveLength(1);
  isBroken = false;
  await until("it is done", empty(catalogue));
  expect(catalogue.segments.byId(id)?.forms).toHaveLength(2);
});

it("a segment that was to go to one step alone goes on when it is begun meanwhile", async () => {
  using store = newCatalogue();
  const { catalogue } = store;
  const done: string[] = [];
  let open: (value: undefined) => void = () => undefined;
  const gate = new Promise<undefined>((resolve) => {
    open = resolve;
  });
  await using work = pipelineOf(catalogue, [step("upload", done, { run: () => gate }), step("tell", done)]);
  const segment = catalogue.segments.byId(putSegment(catalogue, 1)) as Segment;
  work.pipeline.only(segment, ["upload"]);
  await until("it runs", () => work.pipeline.runners.get("upload")?.running === 1);
  work.pipeline.begin(segment);
  open(undefined);
  await until("it is done", empty(catalogue));
  expect(done).toEqual(["tell 1"]);
});
