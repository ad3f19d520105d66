import { SOUND_EVENT_RANGES } from "@audio/levels";
import { z } from "zod";
import type { Setting } from "../setting-kinds.js";

const options = Object.fromEntries(
  Object.entries(SOUND_EVENT_RANGES).map(([name, [least, most]]) => [
    name,
    z.number().min(least).max(most).optional(),
  ]),
);

/** What is noted as a sound. */
export const SOUND_EVENTS: readonly Setting[] = [
  {
    key: "soundEvents",
    flag: undefined,
    env: [],
    schema: z.union([z.literal(false), z.strictObject(options)]),
    allowed: "false, or { thresholdDb, holdSeconds, … } as in docs/levels.md",
    fallback: {},
    about: "what rises above a device's own background is noted as a sound event",
  },
];
