import { UploadError, type UploadErrorCode } from "./errors.js";
import type { StoreSettings } from "./store-settings.js";

/** What stores call their errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const STORE_CODES: Readonly<Record<string, UploadErrorCode>> = {
  InvalidAccessKeyId: "credentials",
  SignatureDoesNotMatch: "credentials",
  ExpiredToken: "credentials",
  InvalidToken: "credentials",
  InvalidSecurity: "credentials",
  TokenRefreshRequired: "credentials",
  CredentialsProviderError: "credentials",
  TokenProviderError: "credentials",
  AccessDenied: "access-denied",
  AllAccessDisabled: "access-denied",
  AccountProblem: "access-denied",
  NotSignedUp: "access-denied",
  NoSuchBucket: "no-bucket",
  InvalidBucketName: "no-bucket",
  PermanentRedirect: "wrong-region",
  TemporaryRedirect: "wrong-region",
  AuthorizationHeaderMalformed: "wrong-region",
  IllegalLocationConstraintException: "wrong-region",
  RequestTimeTooSkewed: "clock-skew",
  RequestExpired: "clock-skew",
  QuotaExceeded: "store-full",
  XMinioStorageFull: "store-full",
  SlowDown: "throttled",
  SlowDownRead: "throttled",
  SlowDownWrite: "throttled",
  TooManyRequests: "throttled",
  RequestLimitExceeded: "throttled",
  ThrottlingException: "throttled",
  RequestTimeout: "timeout",
  TimeoutError: "timeout",
  IncompleteBody: "unreachable",
  BadDigest: "corrupted",
  InvalidDigest: "corrupted",
  XAmzContentSHA256Mismatch: "corrupted",
  XAmzContentChecksumMismatch: "corrupted",
  InvalidPart: "store-failed",
  InvalidPartOrder: "store-failed",
  NoSuchUpload: "store-failed",
  OperationAborted: "store-failed",
  ConditionalRequestConflict: "store-failed",
  NoSuchKey: "no-object",
  NotFound: "no-object",
};

/** What the operating system and Node call theirs. */
const SYSTEM_CODES: readonly (readonly [pattern: RegExp, code: UploadErrorCode])[] = [
  [/^(ENOTFOUND|ERR_INVALID_URL|EADDRNOTAVAIL)$/, "bad-endpoint"],
  [/^(HPE_|EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/, "bad-endpoint"],
  [/^(ETIMEDOUT|ESOCKETTIMEDOUT)$/, "timeout"],
  [/^(E[A-Z]+|ERR_STREAM_PREMATURE_CLOSE)$/, "unreachable"],
];

interface Found {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whatever a request threw, in our words. */
export function asUploadError(
  error: unknown,
  what: string,
  settings: StoreSettings,
  signal: AbortSignal | undefined,
): UploadError {
  if (signal?.aborted) return new UploadError("aborted", `${what}: stopped`);
  if (error instanceof UploadError) return error.message.startsWith(what) ? error : prefixed(error, what);
  const code = codeOf(error as Found);
  // Not the SDK's error as the cause: the request hangs on it, with its headers, and would get into logs.
  const status = statusOf(error);
  return new UploadError(code, `${what}: ${sentence(code, error as Found, settings)}`, { status });
}

/** The HTTP status with which a request failed. */
export function statusOf(error: unknown): number | undefined {
  return (error as Partial<Found>).$metadata?.httpStatusCode;
}

function prefixed(error: UploadError, what: string): UploadError {
  return new UploadError(error.code, `${what}: ${error.message}`, { cause: error });
}

function codeOf(error: Found): UploadErrorCode {
  const { name, code } = error;
  const status = statusOf(error);
  if (Object.hasOwn(STORE_CODES, name)) return STORE_CODES[name];
  const system = SYSTEM_CODES.find(([pattern]) => typeof code === "string" && pattern.test(code));
  if (system !== undefined) return system[1];
  if (status === 200 && /XML parse error|Deserialization error/.test(error.message)) return "bad-endpoint";
  return status === undefined ? "store-failed" : codeOfStatus(status);
}

function codeOfStatus(status: number): UploadErrorCode {
  if (status === 401 || status === 403) return "access-denied";
  if (status === 404) return "no-object";
  if (status === 408) return "timeout";
  if (status === 429 || status === 503) return "throttled";
  if (status === 507) return "store-full";
  if (status >= 300 && status < 400) return "wrong-region";
  return status >= 400 && status < 500 ? "object-refused" : "store-failed";
}

type Sentence = (found: string, settings: StoreSettings) => string;

const SENTENCES: Readonly<Partial<Record<UploadErrorCode, Sentence>>> = {
  credentials: (found, settings) => `the keys do not work (${found}): check ${keyNames(settings)}`,
  "access-denied": (found, { bucket }) =>
    `the store does not allow it (${found}): give the key the rights of docs/upload.md on bucket ${bucket}`,
  "no-bucket": (_, settings) =>
    `there is no bucket ${settings.bucket} at ${addressOf(settings)}: create it, or check S3_BUCKET and S3_REGION`,
  "wrong-region": (found, { bucket, region }) =>
    `bucket ${bucket} is not in region ${region ?? "(none)"} (${found}): check S3_REGION and S3_SERVICE_URL`,
  "bad-endpoint": (found, settings) =>
    `${addressOf(settings)} is no S3 store that can be reached (${found}): check S3_SERVICE_URL and S3_REGION`,
  "clock-skew": (found) =>
    `this machine's clock is wrong (${found}): it is ${new Date().toISOString()} here; let NTP set it`,
  "store-full": (found, { bucket }) => `bucket ${bucket} is full (${found}): raise its quota or make room`,
  unreachable: (found, settings) => `${addressOf(settings)} cannot be reached (${found})`,
  timeout: (found, settings) => `${addressOf(settings)} does not answer in time (${found})`,
  throttled: (found) => `the store asks for a pause (${found})`,
  corrupted: (found) => `the store received other bytes than were sent (${found})`,
  "no-object": () => "no such object",
};

function sentence(code: UploadErrorCode, error: Found, settings: StoreSettings): string {
  const found = foundText(error);
  return SENTENCES[code]?.(found, settings) ?? `the store answers ${found}`;
}

// Stores repeat the access key, never the secret; still, only their first line and not much of it.
function foundText(error: Found): string {
  const status = statusOf(error);
  const plain = ["Error", "AggregateError", "UnknownError", "TypeError"].includes(error.name);
  const name = typeof error.code === "string" ? error.code : plain ? "" : error.name;
  const detail = /^(UnknownError|)$/.test(error.message ?? "")
    ? ""
    : error.message.split("\n")[0].slice(0, 200);
  const parts = [name, status === undefined ? "" : `HTTP ${status}`, detail === name ? "" : detail];
  return parts.filter((part) => part !== "").join(", ") || "no reason given";
}

function keyNames({ profile, credentials, url }: StoreSettings): string {
  if (credentials === undefined && profile !== undefined) return `profile ${profile} (AWS_PROFILE)`;
  const scaleway = url !== undefined && /\.scw\.cloud$/.test(new URL(url).hostname);
  if (scaleway) return "SCW_ACCESS_KEY and SCW_SECRET_KEY";
  if (credentials !== undefined) return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (Scaleway: SCW_…)";
  return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE: no keys were found";
}

function addressOf({ url, region }: StoreSettings): string {
  return url ?? `AWS (region ${region ?? "of the profile"})`;
}
