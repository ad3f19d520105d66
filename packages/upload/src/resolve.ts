import { endpointFaults, endpointOf } from "./endpoint.js";
import { UploadError } from "./errors.js";
import { keyTemplateFault } from "./key-template.js";
import type { StoreCredentials, StoreSettings, UploadSettings } from "./store-settings.js";
import type { UploadValues } from "./values.js";

const MEBIBYTE = 1024 * 1024;

/**
 * Settings put together: `S3_*` comes before what the provider's own set says.
 * @returns undefined when uploading is off
 * @throws UploadError `invalid-upload-setting`: one line for everything that is wrong or missing
 */
export function resolveUpload(values: UploadValues): UploadSettings | undefined {
  if (!values.s3Enabled) return undefined;
  const faults = [...bucketFaults(values), ...endpointFaults(values), ...credentialFaults(values)];
  faults.push(...[values.s3Key, values.s3KeyPcm].flatMap((template) => keyTemplateFault(template) ?? []));
  if (faults.length > 0) throw new UploadError("invalid-upload-setting", faults.join("\n"));
  return {
    store: storeSettings(values),
    prefix: values.s3Prefix.replaceAll(/^\/+|\/+$/g, ""),
    key: values.s3Key,
    keyPcm: values.s3KeyPcm,
    audio: values.s3UploadWav,
    bin: values.s3UploadBin,
    removeLocal: values.s3RemoveLocal,
  };
}

function storeSettings(values: UploadValues): StoreSettings {
  const endpoint = endpointOf(values);
  const aws = endpoint.url === undefined || new URL(endpoint.url).hostname.endsWith(".amazonaws.com");
  const { s3Checksums } = values;
  return {
    ...endpoint,
    bucket: bucketOf(values) as string,
    credentials: credentialsOf(values),
    profile: values.s3Provider === "aws" ? values.awsProfile : undefined,
    checksums: s3Checksums !== "auto" ? s3Checksums : aws ? "when-supported" : "when-required",
    partBytes: values.s3PartMb * MEBIBYTE,
    bytesPerSecond: values.s3BytesPerSecond,
    concurrency: values.s3Concurrency,
    timeoutMs: values.s3TimeoutSeconds * 1000,
  };
}

function bucketOf({ s3Provider, s3Bucket, awsBucket, scwBucket }: UploadValues): string | undefined {
  return s3Bucket ?? (s3Provider === "aws" ? awsBucket : scwBucket);
}

function bucketFaults(values: UploadValues): string[] {
  const bucket = bucketOf(values);
  const other = values.s3Provider === "aws" ? "AWS_BUCKET" : "SCW_BUCKET";
  if (bucket === undefined)
    return [`S3_BUCKET is missing (or ${other}): uploading is on, say which bucket the recordings go to`];
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; older buckets have capitals and _
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket)) return [];
  return [`S3_BUCKET "${bucket}" is no bucket name: 3 … 63 of a-z 0-9 . - without s3:// and without a path`];
}

function credentialsOf(values: UploadValues): StoreCredentials | undefined {
  const { s3Provider, awsAccessKeyId, awsSecretAccessKey, awsSessionToken, scwAccessKey, scwSecretKey } =
    values;
  const [accessKeyId, secretAccessKey, sessionToken] =
    s3Provider === "aws"
      ? [awsAccessKeyId, awsSecretAccessKey, awsSessionToken]
      : [scwAccessKey, scwSecretKey, undefined];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken };
}

function credentialFaults(values: UploadValues): string[] {
  if (values.s3Provider === "scaleway") {
    const missing = [
      ...(values.scwAccessKey === undefined ? ["SCW_ACCESS_KEY"] : []),
      ...(values.scwSecretKey === undefined ? ["SCW_SECRET_KEY"] : []),
    ];
    return missing.map((name) => `${name} is missing: S3_PROVIDER scaleway needs an API key of Scaleway`);
  }
  const { awsAccessKeyId, awsSecretAccessKey } = values;
  if ((awsAccessKeyId === undefined) === (awsSecretAccessKey === undefined)) return [];
  const [given, missing] =
    awsAccessKeyId === undefined
      ? ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"]
      : ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return [`${missing} is missing: ${given} is given, and they belong together`];
}
