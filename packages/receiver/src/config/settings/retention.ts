import { applying, number, type Setting, type SettingKind, yesNo } from "../setting-kinds.js";

type Limit = (
  key: string,
  flag: string,
  env: string,
  range: readonly [number, number],
  about: string,
) => SettingKind;

const limit: Limit = (key, flag, env, [low, high], about) => ({
  key,
  flag,
  env: [env],
  schema: number(low, high).optional(),
  allowed: `a number ${low} … ${high}`,
  fallback: undefined,
  about,
});

/** What may be deleted, and when; docs/retention.md. */
export const RETENTION: readonly Setting[] = applying(
  "now",
  limit(
    "retentionMaxAgeDays",
    "--retention-max-age-days <days>",
    "RETENTION_MAX_AGE_DAYS",
    [0.01, 36_500],
    "delete recordings that are older",
  ),
  limit(
    "retentionMaxTotalGb",
    "--retention-max-total-gb <gb>",
    "RETENTION_MAX_TOTAL_GB",
    [0.001, 1e6],
    "delete the oldest recordings when all together take more",
  ),
  limit(
    "retentionKeepFreeMb",
    "--retention-keep-free-mb <mb>",
    "RETENTION_KEEP_FREE_MB",
    [1, 1e9],
    "delete the oldest recordings when less of the disk is free",
  ),
  {
    key: "retentionOnlyUploaded",
    flag: "--retention-only-uploaded [yes]",
    env: ["RETENTION_ONLY_UPLOADED"],
    schema: yesNo.optional(),
    allowed: "true or false",
    fallback: undefined,
    about: "never delete what is not in the S3 store yet (default: true with uploads on)",
  },
  {
    key: "retentionDeleteUnuploadedWhenFull",
    flag: "--retention-delete-unuploaded-when-full",
    env: ["RETENTION_DELETE_UNUPLOADED_WHEN_FULL"],
    schema: yesNo,
    allowed: "true or false",
    fallback: false,
    about: "but for free space delete it all the same, when nothing else is left",
  },
);
