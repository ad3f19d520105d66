import type { StoreSettings, UploadValues } from "../../src/index.js";
import type { S3Server } from "./s3-server.js";

export const MEBIBYTE = 1024 * 1024;

/** Settings as they are when nobody says anything. */
export function valuesWith(given: Partial<UploadValues> = {}): UploadValues {
  return {
    s3Enabled: true,
    s3Provider: "aws",
    s3Bucket: undefined,
    s3Region: undefined,
    s3ServiceUrl: undefined,
    s3ForcePathStyle: undefined,
    s3Prefix: "received",
    s3UploadWav: true,
    s3UploadBin: false,
    s3Key: "{prefix}/{hwid}/{file}",
    s3KeyPcm: "{prefix}/{date}/{file}",
    s3RemoveLocal: false,
    s3BytesPerSecond: 0,
    s3Concurrency: 4,
    s3PartMb: 16,
    s3TimeoutSeconds: 60,
    s3Checksums: "auto",
    awsAccessKeyId: undefined,
    awsSecretAccessKey: undefined,
    awsSessionToken: undefined,
    awsProfile: undefined,
    awsBucket: undefined,
    awsRegion: undefined,
    scwAccessKey: undefined,
    scwSecretKey: undefined,
    scwDefaultOrganizationId: undefined,
    scwDefaultProjectId: undefined,
    scwBucket: undefined,
    scwRegion: undefined,
    scwServiceUrl: undefined,
    scwForcePathStyle: undefined,
    ...given,
  };
}

/** A store on a test server. */
export function settingsFor(
  server: S3Server,
  bucket: string,
  given: Partial<StoreSettings> = {},
): StoreSettings {
  return {
    bucket,
    region: "us-east-1",
    url: server.url,
    forcePathStyle: true,
    credentials: {
      accessKeyId: server.accessKey,
      secretAccessKey: server.secretKey,
      sessionToken: undefined,
    },
    profile: undefined,
    checksums: "when-required",
    partBytes: 5 * MEBIBYTE,
    bytesPerSecond: 0,
    concurrency: 4,
    timeoutMs: 20_000,
    ...given,
  };
}
