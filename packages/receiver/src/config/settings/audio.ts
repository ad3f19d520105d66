import { z } from "zod";
import { NIBBLE_ORDERS } from "../../ingest/nibble-order.js";
import { choice, integer, numeric, type Setting, whole } from "../setting-kinds.js";

const device = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  nibbleOrder: z.enum(NIBBLE_ORDERS).optional(),
  keep: z.boolean().optional(),
  maxAgeDays: z.number().min(0.01).max(36_500).optional(),
  maxGb: z.number().min(0.001).max(1e6).optional(),
});

const RATE: [number, number] = [1000, 384_000];

/** What devices send, and how it is understood. */
export const AUDIO: readonly Setting[] = [
  choice(
    "nibbleOrder",
    "--nibble-order <order>",
    ["NIBBLE_ORDER"],
    NIBBLE_ORDERS,
    "auto",
    "ADPCM: which half of a byte comes first",
  ),
  choice(
    "gapFill",
    "--gap-fill <how>",
    ["GAP_FILL"],
    ["silence", "none"],
    "silence",
    "what stands in place of lost frames",
  ),
  numeric(
    "gapFillMaxSeconds",
    "--gap-fill-max-seconds <s>",
    ["GAP_FILL_MAX_SECONDS"],
    [0, 3600],
    60,
    "a longer loss is a new start of the sender",
  ),
  integer(
    "sampleRate",
    "--sample-rate <hz>",
    ["SAMPLE_RATE"],
    RATE,
    16_000,
    "raw PCM on TCP, PCM over UDP: sample rate",
  ),
  integer("channels", "--channels <n>", ["CHANNELS"], [1, 8], 1, "raw PCM on TCP, PCM over UDP: channels"),
  {
    key: "bitsPerSample",
    flag: "--bits-per-sample <bits>",
    env: ["BITS_PER_SAMPLE"],
    schema: whole(16, 32).refine((bits) => bits % 8 === 0),
    allowed: "16, 24, 32",
    fallback: 16,
    about: "raw PCM on TCP: signed little-endian bits",
  },
  {
    key: "devices",
    flag: undefined,
    env: [],
    schema: z.record(z.string(), device),
    allowed: "hwid or address → { name, nibbleOrder, keep, maxAgeDays, maxGb }",
    fallback: {},
    about: "exceptions per device",
  },
];
