import { describe, expect, test } from "vitest";
import { StreamError } from "../src/errors.js";
import type { PcmSource } from "../src/source/pcm.js";
import { openPlaylist } from "../src/source/playlist.js";
import { tones } from "./support/audio.js";

interface Item {
  name: string;
  pcm: Int16Array;
  sampleRate?: number;
  channels?: number;
}

/** Opens items that deliver 100 samples a read and count how many of them are open at once. */
function shelf(items: Item[]) {
  const open = { now: 0, most: 0 };
  const openers = items.map(
    ({ name, pcm, sampleRate = 1_000, channels = 1 }) =>
      async (): Promise<PcmSource> => {
        open.most = Math.max(open.most, ++open.now);
        let at = 0;
        return {
          name,
          sampleRate,
          channels,
          read: async () => {
            const piece = pcm.subarray(at, at + 100 * channels);
            at += piece.length;
            return piece.length > 0 ? piece : undefined;
          },
          close: async () => {
            open.now--;
          },
        };
      },
  );
  return { open, openers };
}

async function listen(source: PcmSource, limit = Number.POSITIVE_INFINITY): Promise<Int16Array> {
  const heard: number[] = [];
  for (let pcm = await source.read(); pcm && heard.length < limit; pcm = await source.read())
    heard.push(...pcm);
  await source.close();
  return Int16Array.from(heard);
}

const joined = (...parts: Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]));
const one = tones(250);
const two = tones(333).reverse();

describe("openPlaylist", () => {
  test("plays the items one after the other, one open at a time", async () => {
    const { open, openers } = shelf([
      { name: "one", pcm: one },
      { name: "two", pcm: two },
    ]);
    expect(await listen(await openPlaylist(openers))).toEqual(joined(one, two));
    expect(open).toEqual({ now: 0, most: 1 });
  });

  test("a loop starts again until the duration, to the sample", async () => {
    const { openers } = shelf([
      { name: "one", pcm: one },
      { name: "two", pcm: two },
    ]);
    const heard = await listen(await openPlaylist(openers, { loop: true, durationSeconds: 1.2345 }));
    expect(heard).toEqual(joined(one, two, one, two, one).subarray(0, 1_235));
  });

  test("the duration cuts stereo at a sample frame", async () => {
    const pcm = tones(500, 2);
    const { openers } = shelf([{ name: "stereo", pcm, channels: 2 }]);
    expect(await listen(await openPlaylist(openers, { durationSeconds: 0.333 }))).toEqual(
      pcm.subarray(0, 666),
    );
  });

  test("an empty item is passed over; a loop of nothing but empty ones ends", async () => {
    const empty = { name: "empty", pcm: new Int16Array(0) };
    const { openers } = shelf([empty, { name: "one", pcm: one }]);
    expect(await listen(await openPlaylist(openers))).toEqual(one);
    expect(await listen(await openPlaylist(shelf([empty, empty]).openers, { loop: true }))).toHaveLength(0);
  });

  test("an item of another format is named", async () => {
    const { openers } = shelf([
      { name: "one.wav", pcm: one },
      { name: "two.wav", pcm: two, sampleRate: 44_100, channels: 2 },
    ]);
    const playing = listen(await openPlaylist(openers));
    await expect(playing).rejects.toThrow(StreamError);
    await expect(playing).rejects.toThrow(
      "two.wav has 44100 Hz, 2 channels, but one.wav has 1000 Hz, 1 channel: files of one stream must agree",
    );
  });
});
