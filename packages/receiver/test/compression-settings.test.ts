import { expect, test } from "vitest";
import { loadConfig, resolveOptions, valuesOf } from "../src/config/load.js";
import { receiverSettings } from "../src/config/receiver-settings.js";

const fromEnvironment = (env: Record<string, string>) =>
  receiverSettings(valuesOf(loadConfig({ flags: {}, env, folder: "/nowhere", file: undefined }))).compression;

test("recordings of five minutes and more become FLAC ten seconds after their end", () => {
  expect(receiverSettings(resolveOptions({})).compression).toEqual({
    format: "flac",
    flacLevel: 5,
    opusKbps: 64,
    minSeconds: 300,
    delaySeconds: 10,
    keepOriginal: false,
    cpuShare: 0.5,
    timeout: { baseSeconds: 60, perAudioSecond: 1 },
  });
});

test("the original receiver's variables mean what they meant", () => {
  const env = {
    ENABLE_COMPRESSION: "true",
    COMPRESSION_FORMAT: "Opus",
    COMPRESSION_DELAY: "30",
    DELETE_ORIGINAL_WAV: "false",
    FLAC_COMPRESSION_LEVEL: "8",
    OPUS_BITRATE: "96",
  };
  const settings = { format: "opus", delaySeconds: 30, keepOriginal: true, flacLevel: 8, opusKbps: 96 };
  expect(fromEnvironment(env)).toMatchObject(settings);
});

test.each([
  [{ ENABLE_COMPRESSION: "false" }],
  [{ COMPRESSION_FORMAT: "none" }],
  [{ ENABLE_COMPRESSION: "false", COMPRESSION_FORMAT: "flac" }],
])("%j leaves them WAV", (env) => {
  expect(fromEnvironment(env)).toBeUndefined();
});

test.each([
  [{ COMPRESSION_FORMAT: "mp3" }, "allowed is flac, opus, none"],
  [{ FLAC_COMPRESSION_LEVEL: "9" }, "a whole number 0 … 8"],
  [{ OPUS_BITRATE: "24" }, "a whole number 32 … 128"],
])("%j is refused", (env, message) => {
  expect(() => fromEnvironment(env)).toThrow(message);
});
