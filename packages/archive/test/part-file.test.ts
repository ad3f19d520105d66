import { formatWavHeader, WAV_HEADER_BYTES } from "@audio/wav";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer } from "./support/memory-disk.js";
import { BLOCK_BYTES, FORMAT, Scene, UNIT } from "./support/scene.js";

type Step =
  | { readonly do: "append" | "reserve" | "skip"; readonly units: number }
  | { readonly do: "flush" | "attach" }
  | { readonly do: "answer"; readonly answer: Answer };

const answers = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Answer>("done") },
  { weight: 2, arbitrary: fc.record({ written: fc.nat(130) }) },
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("append", "reserve", "skip"),
    units: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ do: fc.constantFrom("flush", "attach") }),
  fc.record({ do: fc.constant("answer"), answer: answers }),
);

function perform(scene: Scene, step: Step): void {
  if (step.do === "append") scene.append(step.units);
  else if (step.do === "reserve") scene.reserve(Math.min(step.units, 10));
  else if (step.do === "skip") scene.skip(step.units);
  else if (step.do === "flush") scene.file.flush();
  else if (step.do === "answer") scene.disk.answer(step.answer);
}

function play(scene: Scene, all: readonly Step[]): void {
  let attached = false;
  scene.disk.onChange = () => scene.expectPlayable();
  for (const step of all) {
    if (step.do === "attach" && !attached) scene.file.attach(3);
    attached ||= step.do === "attach";
    perform(scene, step);
    expect(scene.shared.bytes).toBe(scene.backlog.bytes);
    expect(scene.file.writtenBytes).toBeLessThanOrEqual(scene.file.dataBytes);
  }
  if (!attached) scene.file.attach(3);
}

describe("a file being written", () => {
  it("holds all data in order, and claims none too early, however the disk answers", async () => {
    const trailers = fc.uint8Array({ maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { maxLength: 60 }),
        trailers,
        fc.boolean(),
        fc.array(answers, { maxLength: 5 }),
        async (all, trailer, sync, late) => {
          const scene = new Scene(sync);
          play(scene, all);
          const finished = scene.finish(trailer);
          // Whoever flushes all files now and then knows nothing of those that are being finished.
          for (const answer of late) {
            scene.disk.answer(answer);
            scene.file.flush();
          }
          scene.disk.answerAll();
          await finished;
          const header = formatWavHeader(FORMAT, scene.expected.length, trailer.length);
          expect(Buffer.from(scene.disk.content)).toEqual(
            Buffer.from([...header, ...scene.expected, ...trailer]),
          );
          expect(scene.tapped).toEqual(scene.appended);
          expect(scene.file.writtenBytes).toBe(scene.expected.length);
          expect(scene.backlog.bytes).toBe(0);
          expect(scene.errors).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("fails once, with what was written still in place, and gives all memory back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 5, maxLength: 60 }),
        fc.array(steps, { maxLength: 10 }),
        async (before, after) => {
          const scene = new Scene();
          play(scene, before);
          scene.append(1);
          scene.file.flush();
          scene.disk.answer({ code: "ENOSPC" });
          const written = scene.file.writtenBytes;
          for (const step of after) if (step.do !== "attach") perform(scene, step);
          const finished = scene.finish(new Uint8Array(9));
          scene.disk.answerAll();
          await finished;
          expect(scene.errors).toEqual(["ENOSPC: no luck"]);
          expect(scene.backlog.bytes).toBe(0);
          expect(scene.shared.bytes).toBe(0);
          scene.expectPlayable();
          expect(scene.disk.content.length).toBeGreaterThanOrEqual(
            written === 0 ? 0 : WAV_HEADER_BYTES + written,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("gives all memory back when it is abandoned, whatever the disk answers then", () => {
    const late = fc.oneof(answers, fc.constant<Answer>({ code: "EIO" }));
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 40 }),
        fc.array(late, { maxLength: 5 }),
        (before, afterwards) => {
          const scene = new Scene();
          play(scene, before);
          scene.file.abandon();
          for (const answer of afterwards) scene.disk.answer(answer);
          scene.disk.answerAll();
          expect(scene.backlog.bytes).toBe(0);
          expect(scene.errors).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("flushing", () => {
  it("writes the header behind the data, and nothing when nothing is new", () => {
    const scene = new Scene();
    scene.file.attach(3);
    scene.append(2);
    scene.file.flush();
    scene.disk.answerAll();
    expect(scene.claimedBytes).toBe(12);
    scene.file.flush();
    expect(scene.disk.waiting).toEqual([]);
  });

  it("claims only whole sample frames after a short write", () => {
    const scene = new Scene();
    scene.file.attach(3);
    scene.disk.answerAll();
    scene.append(4);
    scene.file.flush();
    scene.disk.answer({ written: 13 });
    scene.disk.answer({ code: "ENOSPC" });
    expect(scene.file.writtenBytes).toBe(13);
    expect(scene.claimedBytes).toBe(0);
  });

  it("completes a header of which the disk took only a part", () => {
    const scene = new Scene();
    scene.file.attach(3);
    scene.disk.answerAll();
    scene.append(300);
    scene.file.flush();
    while (scene.disk.waiting[0].bytes !== WAV_HEADER_BYTES) scene.disk.answer();
    scene.disk.answer({ written: 41 });
    scene.disk.answerAll();
    expect(scene.disk.content.subarray(0, WAV_HEADER_BYTES)).toEqual(formatWavHeader(FORMAT, 1800));
  });

  it("ends with an fsync only when told so", () => {
    const kinds = [false, true].map((sync) => {
      const scene = new Scene(sync);
      scene.file.attach(3);
      scene.append(1);
      scene.file.flush();
      const seen: string[] = [];
      for (; scene.disk.waiting.length > 0; scene.disk.answer()) seen.push(scene.disk.waiting[0].kind);
      return seen;
    });
    expect(kinds[0]).toEqual(["write", "write"].concat(kinds[0].slice(2)));
    expect(kinds[0]).not.toContain("fsync");
    expect(kinds[1]).toEqual([...kinds[0], "fsync"]);
  });
});

it("writes one thing at a time, and what lies together in one call", () => {
  const scene = new Scene();
  for (let i = 0; i < 40; i++) scene.append(10);
  scene.file.attach(3);
  expect(scene.disk.waiting).toHaveLength(1);
  expect(scene.disk.waiting[0].bytes).toBeGreaterThan(10 * BLOCK_BYTES);
  scene.disk.answer();
  expect(scene.disk.waiting).toHaveLength(1);
});

it("keeps in memory what has gathered while its name is being found", () => {
  const scene = new Scene();
  for (let i = 0; i < 5; i++) scene.append(10);
  expect(scene.disk.waiting).toEqual([]);
  expect(scene.backlog.bytes).toBe(300 + WAV_HEADER_BYTES);
  scene.file.attach(3);
  scene.file.flush();
  scene.disk.answerAll();
  expect(scene.backlog.bytes).toBe(0);
});

it("leaves a hole where silence is, without writing it", async () => {
  const scene = new Scene();
  scene.file.attach(3);
  scene.append(1);
  scene.file.skip(1_000_000 * UNIT);
  scene.append(1);
  const finished = scene.finish(new Uint8Array(0));
  let bytes = 0;
  for (; scene.disk.waiting.length > 0; scene.disk.answer()) bytes += scene.disk.waiting[0].bytes;
  await finished;
  expect(bytes).toBeLessThan(500);
  expect(scene.disk.content.length).toBe(WAV_HEADER_BYTES + 1_000_002 * UNIT);
});

it("takes blocks back, so that a steady stream allocates none", () => {
  const scene = new Scene();
  scene.file.attach(3);
  const memory = new Set<Uint8Array>();
  const take = scene.pool.take.bind(scene.pool);
  scene.pool.take = () => {
    const block = take();
    memory.add(block.bytes);
    return block;
  };
  for (let second = 0; second < 100; second++) {
    scene.append(25);
    scene.file.flush();
    scene.disk.answerAll();
  }
  expect(memory.size).toBeLessThanOrEqual(3);
});
