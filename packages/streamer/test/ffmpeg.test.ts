import { describe, expect, test } from "vitest";
import { StreamError } from "../src/errors.js";
import { findFfmpeg } from "../src/ffmpeg.js";
import { openFfmpeg, parseFfmpegInput } from "../src/source/ffmpeg.js";

describe("parseFfmpegInput", () => {
  test.each([
    ["song.mp3", undefined, { target: "song.mp3", live: false }],
    ["alsa:default", undefined, { format: "alsa", target: "default", live: true }],
    ["alsa:hw:1,0", undefined, { format: "alsa", target: "hw:1,0", live: true }],
    ["avfoundation::0", undefined, { format: "avfoundation", target: ":0", live: true }],
    ["lavfi:sine=frequency=440", undefined, { format: "lavfi", target: "sine=frequency=440", live: false }],
    ["C:\\music\\song.mp3", undefined, { target: "C:\\music\\song.mp3", live: false }],
    ["rtsp://camera/1", undefined, { target: "rtsp://camera/1", live: true }],
    ["http://host/song.mp3", undefined, { target: "http://host/song.mp3", live: false }],
    ["hw:1", "alsa", { format: "alsa", target: "hw:1", live: true }],
    ["samples", "s24le", { format: "s24le", target: "samples", live: false }],
  ])("%s as %s", (input, inputFormat, expected) => {
    const { format, target, live } = parseFfmpegInput(input, inputFormat);
    expect({ ...(format && { format }), target, live }).toEqual(expected);
  });
});

describe("findFfmpeg", () => {
  test("FFMPEG_PATH that does not run is named, and no other is taken instead", async () => {
    const looking = findFfmpeg({ FFMPEG_PATH: "/nowhere/ffmpeg" });
    await expect(looking).rejects.toMatchObject({ code: "ffmpeg-missing" });
    await expect(looking).rejects.toThrow("FFMPEG_PATH: /nowhere/ffmpeg is no ffmpeg that runs");
  });

  test("none anywhere is said in one line with what to do", async () => {
    const looking = findFfmpeg({ PATH: "/nowhere" });
    await looking.catch((error) => {
      expect(error).toBeInstanceOf(StreamError);
      expect(error.message).toMatch(/^--input needs ffmpeg: no ffmpeg found \(.*\): install it/);
    });
  });
});

const ffmpeg = await findFfmpeg().catch(() => undefined);

describe.runIf(ffmpeg)("openFfmpeg", () => {
  test("keeps rate and channels, or converts as told", async () => {
    const input = "lavfi:sine=frequency=440:sample_rate=22050:duration=0.5";
    const kept = await openFfmpeg(ffmpeg ?? "", { input });
    expect(kept).toMatchObject({ sampleRate: 22_050, channels: 1, live: false });
    let samples = 0;
    for (let pcm = await kept.read(); pcm; pcm = await kept.read()) samples += pcm.length;
    expect(samples).toBe(11_025);
    const converted = await openFfmpeg(ffmpeg ?? "", { input, sampleRate: 8_000, channels: 2 });
    expect(converted).toMatchObject({ sampleRate: 8_000, channels: 2 });
    await converted.close();
  });

  test("ffmpeg's own last lines say what is wrong", async () => {
    const opening = openFfmpeg(ffmpeg ?? "", { input: "/nowhere/song.mp3" });
    await expect(opening).rejects.toThrow(StreamError);
    await expect(opening).rejects.toThrow(/^ffmpeg cannot read \/nowhere\/song.mp3: (?!\/).*No such file/);
  });
});
