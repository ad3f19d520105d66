import { z } from "zod";
import { NIBBLE_ORDERS } from "../../ingest/nibble-order.js";
import { faultOf } from "../fault-of.js";
import { applying, choice, integer, numeric, type Setting } from "../setting-kinds.js";

const between = (low: number, high: number, about: string) => {
  const allowed = `must be a number ${low} … ${high}`;
  return z.number(allowed).min(low, allowed).max(high, allowed).optional().describe(about);
};
const NAME = "must be 1 … 64 of A-Z a-z 0-9 _ -";
const device = z.strictObject(
  {
    name: z
      .string(NAME)
      .regex(/^[A-Za-z0-9_-]{1,64}$/, NAME)
      .optional()
      .describe("raw PCM over TCP and UDP: name instead of the address"),
    nibbleOrder: z
      .enum(NIBBLE_ORDERS, `must be one of ${NIBBLE_ORDERS.join(", ")}`)
      .optional()
      .describe("ADPCM: which half of a byte comes first"),
    keep: z.boolean("must be true or false").optional().describe("retention never deletes its recordings"),
    maxAgeDays: between(0.01, 36_500, "retention deletes older ones, instead of what holds for all"),
    maxGb: between(0.001, 1e6, "retention deletes the oldest when all of its recordings take more"),
  },
  "must be settings of a device: { name: …, keep: … }",
);
const devices = z.record(
  z.string(),
  device,
  "must be a device each, with its settings: kitchen: { keep: true }",
);

function devicesFault(value: unknown): string | undefined {
  const { error } = devices.safeParse(value);
  return error && faultOf(error, Object.keys(device.shape));
}

const RATE: [number, number] = [1000, 384_000];

/** What devices send, and how it is understood. */
export const AUDIO: readonly Setting[] = [
  ...applying(
    "new-streams",
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
  ),
  ...applying(
    "restart",
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
      schema: z.union([z.literal([16, 24, 32]), z.enum(["16", "24", "32"]).transform(Number)]),
      allowed: "16, 24, 32",
      fallback: 16,
      about: "raw PCM on TCP: signed little-endian bits",
    },
  ),
  ...applying("new-streams", {
    key: "devices",
    flag: undefined,
    env: [],
    schema: devices,
    allowed: "hwid or address → { name, nibbleOrder, keep, maxAgeDays, maxGb }",
    fallback: {},
    about: "exceptions per device",
    fault: devicesFault,
  }),
];
