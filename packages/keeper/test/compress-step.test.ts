import { CompressError, type CompressErrorCode } from "@audio/compress";
import { expect, it } from "vitest";
import { compressStep } from "../src/steps/compress.js";
import { newCatalogue } from "./support/catalogue.js";

const POLICY = {
  format: "flac",
  flacLevel: 5,
  opusKbps: 64,
  minSeconds: 0,
  delaySeconds: 0,
  keepOriginal: false,
  cpuShare: 0.5,
  timeout: { baseSeconds: 10, perAudioSecond: 1 },
} as const;

it.each<[CompressErrorCode, (number | undefined)[]]>([
  ["disk-full", [5, 10, 20, 30, 30, 30, 30, 30, 30]],
  ["encode-failed", [5, 10, 20, 40, 80, 160, 320, undefined, undefined]],
  ["invalid-wav", Array(9).fill(undefined)],
  ["ffmpeg-missing", [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]],
])("%s: waits that long between its tries", (code, seconds) => {
  using store = newCatalogue();
  const { catalogue } = store;
  const step = compressStep(POLICY, { catalogue, settings: { dataDir: "none" }, tell: () => undefined });
  const waits = seconds.map((_, i) => step.retryMs(new CompressError(code, "as a test wants it"), i + 1));
  expect(waits).toEqual(seconds.map((each) => each && each * 1000));
});
