import { describe, expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { joinedAudio, joinedFrames, readRecording } from "./support/recordings.js";
import { play } from "./support/stream-client.js";
import { TestReceiver } from "./support/test-receiver.js";

const SAMPLES = 320;
const FRAME_US = 20_000;
const AUDIO = tones(SAMPLES * 20);
const silence = (frames: number) => Buffer.alloc(frames * SAMPLES * 2);
/** Audio of the frames [from, until). */
const audio = (from: number, until: number) => AUDIO.subarray(from * SAMPLES * 2, until * SAMPLES * 2);

/** Frame messages with these sequence numbers; the nth holds the nth piece of AUDIO. */
function numbered(...sequence: readonly number[]): Uint8Array[] {
  return sequence.map((seq, i) => pcmFrames(audio(i, i + 1), { frameSamples: SAMPLES, firstSeq: seq })[0]);
}

async function record(frames: readonly Uint8Array[], options = {}): Promise<TestReceiver> {
  const server = await TestReceiver.start({ wsSegmentSeconds: 60, ...options });
  expect(await play(server.ws("/kitchen"), [handshake(), ...frames])).toEqual({ code: 1000, reason: "" });
  await server.streamClosed(7);
  return server;
}

describe.concurrent("frames that never came", () => {
  it("are counted, filled with silence of their exact length, and told", async () => {
    await using server = await record(numbered(0, 1, 2, 8, 9, 11));
    const [segment, ...others] = server.segmentsOf(7);
    expect(others).toEqual([]);
    const expected = Buffer.concat([audio(0, 3), silence(5), audio(3, 5), silence(1), audio(5, 6)]);
    const recording = await readRecording(segment.path);
    expect(recording.data.equals(expected)).toBe(true);
    const gaps = [
      { startUs: segment.startUs + 3 * FRAME_US, samples: 5 * SAMPLES, cause: "lost-frames", filled: true },
      { startUs: segment.startUs + 10 * FRAME_US, samples: SAMPLES, cause: "lost-frames", filled: true },
    ];
    expect(segment.gaps).toEqual(gaps);
    expect(recording.metadata?.gaps).toEqual(gaps);
    expect(server.gaps).toMatchObject(
      gaps.map((gap) => ({ ...gap, stream: { device: "kitchen", streamId: 7 } })),
    );
    expect(server.closed[0].status).toMatchObject({
      frames: 6,
      lostFrames: 6,
      repeatedFrames: 0,
      samples: 12 * SAMPLES,
    });
    expect((await joinedFrames([segment])).equals(Buffer.concat(numbered(0, 1, 2, 8, 9, 11)))).toBe(true);
  });

  it("across a cut are silence on both sides of it, and in the metadata of both files", async () => {
    await using server = await record(numbered(0, 1, 2, 8, 9), { wsSegmentSeconds: 0.1 });
    const segments = server.segmentsOf(7);
    expect(segments.map(({ samples }) => samples / SAMPLES)).toEqual([5, 5]);
    const expected = Buffer.concat([audio(0, 3), silence(5), audio(3, 5)]);
    expect((await joinedAudio(segments)).equals(expected)).toBe(true);
    expect(segments.map(({ gaps }) => gaps.map(({ samples }) => samples / SAMPLES))).toEqual([[2], [3]]);
    expect(segments[1].gaps[0].startUs).toBe(segments[1].startUs);
    expect(server.gaps).toMatchObject([{ samples: 5 * SAMPLES }]);
  });

  it("over many segments leave each of them exact", async () => {
    await using server = await record(numbered(0, 1, 1002), { wsSegmentSeconds: 0.3 });
    const segments = server.segmentsOf(7);
    expect(segments.slice(0, -1).every(({ samples }) => samples === 4800)).toBe(true);
    const expected = Buffer.concat([audio(0, 2), silence(1000), audio(2, 3)]);
    expect((await joinedAudio(segments)).equals(expected)).toBe(true);
    expect(segments.flatMap(({ gaps }) => gaps).reduce((sum, gap) => sum + gap.samples, 0)).toBe(
      1000 * SAMPLES,
    );
  });

  it("are left out with gapFill none: the file is shorter, what follows lies later in time", async () => {
    const options = { gapFill: "none", wsSegmentSeconds: 0.1 } as const;
    await using server = await record(numbered(0, 1, 5, 6, 7, 8), options);
    const segments = server.segmentsOf(7);
    expect((await joinedAudio(segments)).equals(audio(0, 6))).toBe(true);
    const gap = { samples: 3 * SAMPLES, cause: "lost-frames", filled: false };
    expect(server.gaps).toMatchObject([{ ...gap, startUs: segments[0].startUs + 2 * FRAME_US }]);
    expect(segments.map(({ gaps }) => gaps.length)).toEqual([1, 0]);
    expect(segments[0].gaps).toMatchObject([gap]);
    expect(segments.map(({ samples }) => samples / SAMPLES)).toEqual([5, 1]);
    expect(segments[1].startUs - segments[0].startUs).toBe(8 * FRAME_US);
    expect(server.closed[0].status).toMatchObject({ lostFrames: 3, samples: 6 * SAMPLES });
  });

  it("just at a cut, with gapFill none, move the start of the next segment", async () => {
    const options = { gapFill: "none", wsSegmentSeconds: 0.1 } as const;
    await using server = await record(numbered(0, 1, 2, 3, 4, 15, 16), options);
    const segments = server.segmentsOf(7);
    expect(segments.map(({ samples }) => samples / SAMPLES)).toEqual([5, 2]);
    expect(segments[1].startUs - segments[0].startUs).toBe(15 * FRAME_US);
    expect((await readRecording(segments[1].path)).metadata?.startUs).toBe(segments[1].startUs);
  });
});

describe.concurrent("the bound for filling", () => {
  it("is 60 s by default: 3000 frames of 20 ms are filled, 3001 are a restart of the sender", async () => {
    const filled = await record(numbered(5, 3006));
    await using _ = filled;
    expect(filled.closed[0].status).toMatchObject({ lostFrames: 3000, samples: 3002 * SAMPLES });
    await using restarted = await record(numbered(5, 3007, 3008));
    expect(restarted.closed[0].status).toMatchObject({ lostFrames: 0, samples: 3 * SAMPLES, frames: 3 });
    expect(restarted.restarts).toMatchObject([{ expectedSeq: 6, seq: 3007, stream: { streamId: 7 } }]);
    const segments = restarted.segmentsOf(7);
    expect(segments.map(({ samples }) => samples / SAMPLES)).toEqual([1, 2]);
    expect((await joinedAudio(segments)).equals(audio(0, 3))).toBe(true);
    expect(restarted.gaps).toEqual([]);
  });

  it("follows gapFillMaxSeconds", async () => {
    await using server = await record(numbered(0, 6, 13), { gapFillMaxSeconds: 0.1 });
    expect(server.closed[0].status).toMatchObject({ lostFrames: 5, samples: 8 * SAMPLES });
    expect(server.segmentsOf(7).map(({ samples }) => samples / SAMPLES)).toEqual([7, 1]);
  });

  it("0 fills nothing: every jump is a new segment", async () => {
    await using server = await record(numbered(0, 2, 3), { gapFillMaxSeconds: 0 });
    expect(server.segmentsOf(7).map(({ samples }) => samples / SAMPLES)).toEqual([1, 2]);
  });

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 5000])(
    "a jump of %i is a restart and allocates nothing",
    async (jump) => {
      const before = process.memoryUsage.rss();
      await using server = await record(numbered(0, (1 + jump) % 2 ** 32, (2 + jump) % 2 ** 32));
      expect(server.closed[0].status).toMatchObject({ frames: 3, lostFrames: 0, samples: 3 * SAMPLES });
      expect(server.segmentsOf(7).map(({ samples }) => samples / SAMPLES)).toEqual([1, 2]);
      expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    },
  );

  it("of an hour is filled by a hole in the file, not by memory", async () => {
    const before = process.memoryUsage.rss();
    await using server = await record(numbered(0, 179_999), {
      gapFillMaxSeconds: 3600,
      wsSegmentSeconds: 7200,
    });
    const [segment] = server.segmentsOf(7);
    expect(segment.samples).toBe(180_000 * SAMPLES);
    expect((await joinedAudio([segment])).subarray(-640).equals(audio(1, 2))).toBe(true);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300e6); // 115 MB of it is the file as read back here
    expect(segment.levels.peakDbfs).toHaveLength(3600);
  });
});

describe.concurrent("frames that came before", () => {
  it("repeated or late ones are dropped and counted", async () => {
    await using server = await record(numbered(10, 11, 11, 10, 9, 12, 4, 13));
    const segments = server.segmentsOf(7);
    const expected = Buffer.concat([audio(0, 2), audio(5, 6), audio(7, 8)]);
    expect((await joinedAudio(segments)).equals(expected)).toBe(true);
    expect(server.closed[0].status).toMatchObject({ frames: 4, repeatedFrames: 4, lostFrames: 0 });
    expect(server.gaps).toEqual([]);
    const kept = numbered(10, 11, 11, 10, 9, 12, 4, 13).filter((_, i) => [0, 1, 5, 7].includes(i));
    expect((await joinedFrames(segments)).equals(Buffer.concat(kept))).toBe(true);
  });

  it("from further back than the bound are a restart of the sender", async () => {
    await using server = await record(numbered(5000, 5001, 0, 1, 2));
    expect(server.segmentsOf(7).map(({ samples }) => samples / SAMPLES)).toEqual([2, 3]);
    expect(server.restarts).toMatchObject([{ expectedSeq: 5002, seq: 0 }]);
    expect((await joinedAudio(server.segmentsOf(7))).equals(audio(0, 5))).toBe(true);
  });
});

describe.concurrent("sequence numbers", () => {
  const top = 2 ** 32 - 1;

  it("wrap at 2³² without a gap", async () => {
    await using server = await record(numbered(top - 1, top, 0, 1));
    expect(server.closed[0].status).toMatchObject({ frames: 4, lostFrames: 0, repeatedFrames: 0 });
    expect((await joinedAudio(server.segmentsOf(7))).equals(audio(0, 4))).toBe(true);
  });

  it("are compared across the wrap: lost ones and late ones", async () => {
    await using server = await record(numbered(top - 1, 2, top, 3));
    expect(server.closed[0].status).toMatchObject({ frames: 3, lostFrames: 3, repeatedFrames: 1 });
    const expected = Buffer.concat([audio(0, 1), silence(3), audio(1, 2), audio(3, 4)]);
    expect((await joinedAudio(server.segmentsOf(7))).equals(expected)).toBe(true);
  });

  it.each([0, 1, 77, 2 ** 31 - 1, 2 ** 31, top])("may begin at %i", async (first) => {
    await using server = await record(numbered(first, (first + 1) % 2 ** 32, (first + 2) % 2 ** 32));
    expect(server.closed[0].status).toMatchObject({ frames: 3, lostFrames: 0, repeatedFrames: 0 });
    expect(server.segmentsOf(7)).toHaveLength(1);
    expect(server.gaps).toEqual([]);
  });
});
