import { DEFAULT_KEYS, keyTemplateFault } from "@audio/upload/settings";
import { z } from "zod";
import {
  applying,
  choice,
  integer,
  oneOf,
  onOff,
  type Setting,
  type SettingKind,
  text,
  whole,
  yesNo,
  zeroOr,
} from "../setting-kinds.js";

// Wherever these come from, they belong to the environment of other programs too: only `serve` with S3 on judges them.
const line = text.max(4096).regex(/^[^\n\r]*$/);

function given(key: string, env: string, allowed: string, about: string, flag?: string): SettingKind {
  return { key, flag, env: [env], schema: line.optional(), allowed, fallback: undefined, about };
}

function secret(key: string, env: string, about: string): SettingKind {
  return { ...given(key, env, "one line of text", about), secret: true };
}

function address(key: string, env: string, about: string, flag?: string): SettingKind {
  const setting = given(key, env, "like https://s3.example.com", about, flag);
  const fault = (value: unknown) =>
    /@/.test(String(value)) ? "an address holds no user, no password" : undefined;
  return { ...setting, schema: line.regex(/^[^@]*$/).optional(), fault };
}

function pathStyle(key: string, env: string, about: string): SettingKind {
  const allowed = "true or false";
  return { key, flag: undefined, env: [env], schema: yesNo.optional(), allowed, fallback: undefined, about };
}

function keyTemplate(key: string, env: string, fallback: string, about: string): SettingKind {
  const schema = text
    .regex(/^([A-Za-z0-9_/.=!'()*-]|\{[A-Za-z]+\})+$/)
    .regex(/\{(file|path)\}/)
    .refine((value) => keyTemplateFault(value) === undefined);
  const fault = (value: unknown) => (typeof value === "string" ? keyTemplateFault(value) : undefined);
  const allowed = "tokens {prefix} {hwid} {file} {path} {date} … and A-Z a-z 0-9 _ - . /";
  return { key, flag: undefined, env: [env], schema, allowed, fallback, about, fault };
}

/** A setting without a flag. */
function unflagged(setting: SettingKind): SettingKind {
  return { ...setting, flag: undefined };
}

const WHAT: readonly SettingKind[] = [
  onOff("s3Enabled", "--s3", ["S3_ENABLED"], false, "upload finished recordings to an S3 store"),
  {
    ...choice("s3Provider", "--s3-provider <name>", ["S3_PROVIDER"], ["aws", "scaleway"], "aws", ""),
    schema: oneOf(["aws", "scaleway"]),
    about: "whose settings and keys count: AWS_… (and any other store) or SCW_…",
  },
  given("s3Bucket", "S3_BUCKET", "a bucket's name", "bucket of the recordings", "--s3-bucket <name>"),
  given("s3Region", "S3_REGION", "like eu-central-1", "region of the bucket", "--s3-region <region>"),
  address(
    "s3ServiceUrl",
    "S3_SERVICE_URL",
    "the store's address (default: the provider's)",
    "--s3-url <url>",
  ),
  pathStyle("s3ForcePathStyle", "S3_FORCE_PATH_STYLE", "bucket in the path instead of the host name"),
  {
    key: "s3Prefix",
    flag: "--s3-prefix <text>",
    env: ["S3_PREFIX"],
    schema: z.string().regex(/^[A-Za-z0-9_/.=!'()*-]{0,512}$/),
    allowed: "A-Z a-z 0-9 _ - . = ! ' ( ) * /",
    fallback: "received",
    about: "what every key begins with",
  },
  unflagged(onOff("s3UploadWav", "", ["S3_UPLOADWAV"], true, "the audio, in the form in which it ends")),
  unflagged(onOff("s3UploadBin", "", ["S3_UPLOADBIN"], false, "the frames as received (.bin)")),
];

const HOW: readonly SettingKind[] = [
  keyTemplate("s3Key", "S3_KEY", DEFAULT_KEYS.websocket, "key of a WebSocket recording"),
  keyTemplate("s3KeyPcm", "S3_KEY_PCM", DEFAULT_KEYS.pcm, "key of raw PCM (TCP, UDP)"),
  unflagged(
    onOff("s3RemoveLocal", "", ["S3_REMOVE_LOCAL"], false, "remove a local file when its object is verified"),
  ),
  {
    ...unflagged(integer("s3BytesPerSecond", "", ["S3_BYTES_PER_SECOND"], [0, 1e10], 0, "")),
    schema: zeroOr(whole(1000, 1e10)),
    allowed: "0, or a whole number 1000 … 10000000000",
    about: "bandwidth of all uploads together; 0 = no limit",
  },
  unflagged(integer("s3Concurrency", "", ["S3_CONCURRENCY"], [1, 64], 4, "files and parts at a time")),
  unflagged(
    integer("s3PartMb", "", ["S3_PART_MB"], [5, 5000], 16, "larger files go in parts of this size (MiB)"),
  ),
  unflagged(
    integer(
      "s3TimeoutSeconds",
      "",
      ["S3_TIMEOUT_SECONDS"],
      [1, 3600],
      60,
      "a request that makes no progress has failed",
    ),
  ),
  unflagged(
    choice(
      "s3Checksums",
      "",
      ["S3_CHECKSUMS"],
      ["auto", "when-required", "when-supported"],
      "auto",
      "when-supported: SHA-256 in headers that only AWS knows for sure; auto: so on AWS, else Content-MD5",
    ),
  ),
];

const AWS: readonly SettingKind[] = [
  secret("awsAccessKeyId", "AWS_ACCESS_KEY_ID", "provider aws: access key"),
  secret("awsSecretAccessKey", "AWS_SECRET_ACCESS_KEY", "provider aws: its secret"),
  secret("awsSessionToken", "AWS_SESSION_TOKEN", "provider aws: token of temporary keys"),
  given("awsProfile", "AWS_PROFILE", "a name", "provider aws: profile of ~/.aws, when no keys are given"),
  given("awsBucket", "AWS_BUCKET", "a bucket's name", "provider aws: bucket, if S3_BUCKET is not given"),
  given("awsRegion", "AWS_REGION", "like eu-central-1", "provider aws: region, if S3_REGION is not given"),
];

const SCALEWAY: readonly SettingKind[] = [
  secret("scwAccessKey", "SCW_ACCESS_KEY", "provider scaleway: access key"),
  secret("scwSecretKey", "SCW_SECRET_KEY", "provider scaleway: its secret"),
  given("scwDefaultOrganizationId", "SCW_DEFAULT_ORGANIZATION_ID", "an id", "provider scaleway: not needed"),
  given("scwDefaultProjectId", "SCW_DEFAULT_PROJECT_ID", "an id", "provider scaleway: not needed"),
  given("scwBucket", "SCW_BUCKET", "a bucket's name", "provider scaleway: bucket, if S3_BUCKET is not given"),
  given("scwRegion", "SCW_REGION", "like fr-par", "provider scaleway: region, if S3_REGION is not given"),
  address("scwServiceUrl", "SCW_SERVICE_URL", "provider scaleway: address, if S3_SERVICE_URL is not given"),
  pathStyle("scwForcePathStyle", "SCW_FORCE_PATH_STYLE", "provider scaleway: bucket in the path"),
];

/** Uploading finished recordings. */
export const UPLOAD: readonly Setting[] = applying("restart", ...WHAT, ...HOW, ...AWS, ...SCALEWAY);
