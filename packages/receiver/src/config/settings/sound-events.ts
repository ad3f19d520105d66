import { DEFAULT_SOUND_EVENT_OPTIONS, SOUND_EVENT_RANGES, type SoundEventOptions } from "@audio/levels";
import { z } from "zod";
import { faultOf } from "../fault-of.js";
import { applying, type Setting } from "../setting-kinds.js";

const ABOUT: Readonly<Record<keyof SoundEventOptions, string>> = {
  thresholdDb: "how far above the background a window of 100 ms must be, dB",
  holdSeconds: "an event ends when nothing was that loud for so long",
  minSeconds: "how long it must have been that loud in all",
  maxSeconds: "a longer event is ended, and another begins",
  floorDbfs: "what is quieter counts as this, dBFS",
  riseDbPerMinute: "how fast the background rises while the device hears more than it",
  fallDbPerMinute: "how fast it falls while the device hears less",
  forgetSeconds: "a device that was away for longer has its background learned anew",
};

function option(name: keyof SoundEventOptions) {
  const [least, most] = SOUND_EVENT_RANGES[name];
  const allowed = `must be a number ${least} … ${most}`;
  const about = `${ABOUT[name]} (default ${DEFAULT_SOUND_EVENT_OPTIONS[name]})`;
  return z.number(allowed).min(least, allowed).max(most, allowed).optional().describe(about);
}

const options = z.strictObject(
  Object.fromEntries((Object.keys(ABOUT) as (keyof SoundEventOptions)[]).map((name) => [name, option(name)])),
);

function fault(value: unknown): string | undefined {
  const { error } = options.safeParse(value);
  const isObject = typeof value === "object" && value !== null;
  return error && isObject ? faultOf(error, Object.keys(options.shape)) : undefined;
}

/** What is noted as a sound. */
export const SOUND_EVENTS: readonly Setting[] = applying("now", {
  key: "soundEvents",
  flag: undefined,
  env: [],
  schema: z.union([z.literal(false), options]),
  allowed: "false, or { thresholdDb, holdSeconds, … } as in docs/levels.md",
  fallback: {},
  about: "what rises above a device's own background is noted as a sound event",
  fault,
});
