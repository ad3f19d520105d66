import { applying, integer, numeric, oneOf, onOff, type Setting } from "../setting-kinds.js";

/** What becomes of WAV files that are complete; docs/compression.md. */
export const COMPRESSION: readonly Setting[] = applying(
  "now",
  {
    key: "compress",
    flag: "--compress <format>",
    env: ["COMPRESSION_FORMAT"],
    schema: oneOf(["flac", "opus", "none"]),
    allowed: "flac, opus, none",
    fallback: "flac",
    about: "what complete recordings become, verified; none = they stay WAV",
  },
  {
    ...onOff("enableCompression", "", ["ENABLE_COMPRESSION"], true, "false is the same as compress: none"),
    flag: undefined,
  },
  numeric(
    "compressMinSeconds",
    "--compress-min-seconds <s>",
    ["COMPRESSION_MIN_SECONDS"],
    [0, 86_400],
    300,
    "shorter recordings stay WAV",
  ),
  numeric(
    "compressDelaySeconds",
    "--compress-delay-seconds <s>",
    ["COMPRESSION_DELAY"],
    [0, 86_400],
    10,
    "time between the end of a recording and its compression",
  ),
  onOff("keepOriginal", "--keep-original", ["KEEP_ORIGINAL"], false, "keep the WAV beside its verified copy"),
  {
    ...onOff(
      "deleteOriginalWav",
      "",
      ["DELETE_ORIGINAL_WAV"],
      true,
      "false is the same as keepOriginal: true",
    ),
    flag: undefined,
  },
  integer(
    "flacLevel",
    "--flac-level <n>",
    ["FLAC_COMPRESSION_LEVEL"],
    [0, 8],
    5,
    "FLAC: 0 = fast … 8 = small",
  ),
  integer(
    "opusBitrate",
    "--opus-bitrate <kbit>",
    ["OPUS_BITRATE"],
    [32, 128],
    64,
    "Opus: kbit/s of up to two channels; more channels get as much per pair",
  ),
  numeric(
    "compressCpuShare",
    "--compress-cpu-share <part>",
    ["COMPRESSION_CPU_SHARE"],
    [0, 1],
    0.5,
    "part of the cores that compression may use, at least one, at low priority",
  ),
  numeric(
    "compressTimeoutSeconds",
    "--compress-timeout-seconds <s>",
    ["COMPRESSION_TIMEOUT"],
    [1, 86_400],
    60,
    "time that a recording may take, besides a second for each second of it",
  ),
);
