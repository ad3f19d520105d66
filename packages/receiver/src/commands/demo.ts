import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Logger } from "pino";
import { valuesOf } from "../config/load.js";
import type { Receiver } from "../serve.js";
import { runServer } from "./serve.js";
import { addSettingOptions, effectiveConfig } from "./setting-options.js";

const ABOUT = "serve, with simulated devices that stream real sound, so that something is seen at once";

/** A microphone that is played by this program. */
interface SimulatedDevice {
  readonly hwid: string;
  readonly sound: string;
  readonly codec: "adpcm" | "pcm";
}

const DEVICES: readonly SimulatedDevice[] = [
  { hwid: "kitchen", sound: "speech.wav", codec: "adpcm" },
  { hwid: "garden", sound: "birdsong_stereo.wav", codec: "adpcm" },
  { hwid: "workshop", sound: "sine_pcm16.wav", codec: "pcm" },
];

export function addDemoCommand(program: Command): void {
  const command = program.command("demo").description(ABOUT);
  addSettingOptions(command);
  const read = (environment: NodeJS.ProcessEnv) => {
    const entries = effectiveConfig(command, environment).map((entry) =>
      entry.key === "host" && entry.source === "default" ? { ...entry, value: "127.0.0.1" } : entry,
    );
    return { ...valuesOf(entries), ws: true };
  };
  command.action(() => runServer(read, simulate));
}

async function simulate(receiver: Receiver, log: Logger, signal: AbortSignal): Promise<void> {
  const url = `ws://127.0.0.1:${receiver.ports.ws}/ws`;
  await Promise.all(DEVICES.map((device) => play(device, url, log, signal)));
}

async function play(
  { hwid, sound, codec }: SimulatedDevice,
  url: string,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const file = fileURLToPath(new URL(`./${sound}`, import.meta.url));
  try {
    const { streamAudio } = await import("@audio/streamer"); // only here: serve needs none of it
    await streamAudio({ files: [file], url, hwid, codec, realtime: true, loop: true, signal });
  } catch (error) {
    if (!signal.aborted) log.error({ hwid }, `simulated device stopped: ${(error as Error).message}`);
  }
}
