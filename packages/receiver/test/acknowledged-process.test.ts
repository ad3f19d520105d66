import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tones, wavFile } from "./support/audio.js";
import { audioStream, ServerProcess } from "./support/command.js";
import { readRecording, wavsBelow } from "./support/recordings.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

/** Below those that systems give away: the port stays free while the receiver is down. */
const somePort = () => 20_000 + Math.floor(Math.random() * 10_000);

const INPUT = tones(16_000 * 7 + 123);

/** So many samples of the input, played in a loop. */
function looped(samples: number): Buffer {
  const audio = Buffer.alloc(samples * 2);
  for (let at = 0; at < audio.length; at += INPUT.length) INPUT.copy(audio, at);
  return audio;
}

describe("an acknowledged stream is the input, sample for sample, after", () => {
  it.each([
    ["SIGKILL", 200, ["--duration", "900"]],
    ["SIGTERM", 200, ["--duration", "900"]],
    ["SIGKILL", 1_000, ["--duration", "4", "--realtime"]],
  ] as const)(
    "%s of the receiver every %d ms (%j)",
    async (signal, everyMs, flags) => {
      await using folder = await temporaryFolder();
      const cwd = folder.path;
      const port = somePort();
      await writeFile(join(cwd, "input.wav"), wavFile(INPUT));
      const serve = () => ServerProcess.start({ cwd, flags: ["--ws-port", `${port}`] });
      let server = await serve();
      const target = ["--url", `ws://127.0.0.1:${port}/ws`, "--hwid", "porch", "--codec", "pcm", "--json"];
      const streaming = audioStream(["--wav", "input.wav", "--loop", ...flags, ...target], { cwd });
      for (let turn = 0; turn < 2; turn++) {
        await pause(everyMs);
        await server.stop(signal);
        server = await serve();
      }
      const { code, stdout } = await streaming;
      expect(code).toBe(0);
      await server.stop();
      const summary = JSON.parse(stdout) as {
        frames: number;
        framesAcknowledged: number;
        perStream: { samples: number }[];
      };
      expect(summary.framesAcknowledged).toBe(summary.frames);
      const wavs = await Promise.all((await wavsBelow(join(cwd, "data"))).map((path) => readRecording(path)));
      expect(Buffer.concat(wavs.map(({ data }) => data)).equals(looped(summary.perStream[0].samples))).toBe(
        true,
      );
    },
    60_000,
  );
});
