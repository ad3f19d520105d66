import { describe, expect, it } from "vitest";
import { resolveUpload, type UploadValues } from "../src/index.js";
import { valuesWith } from "./support/settings.js";

const aws = { awsAccessKeyId: "AKIA", awsSecretAccessKey: "hush" };
const scw = { s3Provider: "scaleway", scwAccessKey: "SCWX", scwSecretKey: "hush" } as const;

function store(given: Partial<UploadValues>) {
  return resolveUpload(valuesWith(given))?.store;
}

function complaint(given: Partial<UploadValues>): string {
  try {
    resolveUpload(valuesWith(given));
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid-upload-setting", kind: "configuration" });
    return (error as Error).message;
  }
  return "";
}

it("is off unless asked for, whatever else is wrong", () => {
  expect(resolveUpload(valuesWith({ s3Enabled: false, s3ServiceUrl: "nonsense" }))).toBeUndefined();
});

it("S3_… comes before the provider's own", () => {
  const own = { ...aws, awsBucket: "own", awsRegion: "eu-west-1" };
  expect(store(own)).toMatchObject({ bucket: "own", region: "eu-west-1", url: undefined });
  const both = { ...own, s3Bucket: "s3-bucket", s3Region: "eu-west-3", s3ServiceUrl: "http://127.0.0.1:9" };
  expect(store(both)).toMatchObject({ bucket: "s3-bucket", region: "eu-west-3", url: "http://127.0.0.1:9" });
});

it("one provider's settings do not count for the other", () => {
  const both = {
    ...aws,
    ...scw,
    awsBucket: "of-aws",
    awsRegion: "eu-west-1",
    scwBucket: "of-scw",
    scwRegion: "nl-ams",
  };
  expect(store({ ...both, s3Provider: "aws" })).toMatchObject({
    bucket: "of-aws",
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIA" },
  });
  expect(store(both)).toMatchObject({
    bucket: "of-scw",
    region: "nl-ams",
    url: "https://s3.nl-ams.scw.cloud",
    forcePathStyle: false,
    checksums: "when-required",
    credentials: { accessKeyId: "SCWX", secretAccessKey: "hush" },
    profile: undefined,
  });
});

describe("the address", () => {
  it.each<[Partial<UploadValues>, object]>([
    [{ s3Region: "eu-west-1" }, { url: undefined, forcePathStyle: false, checksums: "when-supported" }],
    [
      { s3ServiceUrl: "https://minio.example.com" },
      { region: "us-east-1", forcePathStyle: true, checksums: "when-required" },
    ],
    [{ s3ServiceUrl: "https://minio.example.com", s3ForcePathStyle: false }, { forcePathStyle: false }],
    [
      { s3ServiceUrl: "https://s3.eu-west-1.amazonaws.com", s3Region: "eu-west-1" },
      { forcePathStyle: false, checksums: "when-supported" },
    ],
    [{ s3Region: "eu-west-1", s3Bucket: "with.dots" }, { forcePathStyle: true }],
    [{ s3Region: "eu-west-1", s3Checksums: "when-required" }, { checksums: "when-required" }],
  ])("of aws, given %j", (given, expected) => {
    expect(store({ ...aws, s3Bucket: "b-1", ...given })).toMatchObject(expected);
  });

  it.each<[Partial<UploadValues>, object]>([
    [{ scwServiceUrl: "https://s3.pl-waw.scw.cloud" }, { region: "pl-waw", forcePathStyle: false }],
    [
      { scwRegion: "fr-par", scwForcePathStyle: true },
      { url: "https://s3.fr-par.scw.cloud", forcePathStyle: true },
    ],
    [{ scwServiceUrl: "http://127.0.0.1:9" }, { region: "us-east-1", forcePathStyle: true }],
    [{ scwRegion: "fr-par", s3ForcePathStyle: false, scwForcePathStyle: true }, { forcePathStyle: false }],
  ])("of scaleway, given %j", (given, expected) => {
    expect(store({ ...scw, s3Bucket: "b-1", ...given })).toMatchObject(expected);
  });
});

it("takes a profile, and then no keys and no region", () => {
  const settings = store({ s3Bucket: "b-1", awsProfile: "recorder" });
  expect(settings).toMatchObject({ profile: "recorder", credentials: undefined, region: undefined });
});

it("takes what is uploaded, and units", () => {
  const given = {
    ...aws,
    s3Bucket: "b-1",
    s3Region: "eu-west-1",
    s3Prefix: "/a/b/",
    s3UploadBin: true,
    s3PartMb: 8,
  };
  expect(resolveUpload(valuesWith(given))).toMatchObject({
    prefix: "a/b",
    audio: true,
    bin: true,
    removeLocal: false,
    store: { partBytes: 8 * 1024 * 1024, timeoutMs: 60_000 },
  });
});

describe("says what is wrong or missing", () => {
  it("all of it at once, a line each", () => {
    expect(complaint({}).split("\n")).toEqual([
      "S3_BUCKET is missing (or AWS_BUCKET): uploading is on, say which bucket the recordings go to",
      "S3_REGION is missing (or AWS_REGION): the region of the bucket, like eu-central-1",
    ]);
    expect(complaint({ s3Provider: "scaleway" }).split("\n")).toEqual([
      "S3_BUCKET is missing (or SCW_BUCKET): uploading is on, say which bucket the recordings go to",
      "S3_REGION is missing (or SCW_REGION): the region of the bucket, like fr-par, nl-ams, pl-waw",
      "SCW_ACCESS_KEY is missing: S3_PROVIDER scaleway needs an API key of Scaleway",
      "SCW_SECRET_KEY is missing: S3_PROVIDER scaleway needs an API key of Scaleway",
    ]);
  });

  it.each<[Partial<UploadValues>, RegExp]>([
    [{ s3Bucket: "s3://b-1" }, /^S3_BUCKET "s3:\/\/b-1" is no bucket name/],
    [{ s3Bucket: "b-1/folder" }, /^S3_BUCKET "b-1\/folder" is no bucket name/],
    [{ s3Region: "Frankfurt am Main" }, /^S3_REGION "Frankfurt am Main" is no region/],
    [{ s3ServiceUrl: "s3.fr-par.scw.cloud" }, /^S3_SERVICE_URL "s3.fr-par.scw.cloud" is no address/],
    [{ s3ServiceUrl: "ftp://x" }, /is no address/],
    [
      { s3ServiceUrl: "https://b-1.s3.fr-par.scw.cloud" },
      /without bucket and path: https:\/\/s3\.fr-par\.scw\.cloud$/,
    ],
    [
      { s3ServiceUrl: "https://minio.example.com/b-1" },
      /without bucket and path: https:\/\/minio\.example\.com$/,
    ],
    [{ s3ServiceUrl: "https://u:hush@minio.example.com" }, /no user, password/],
    [{ awsSecretAccessKey: undefined }, /^AWS_SECRET_ACCESS_KEY is missing: AWS_ACCESS_KEY_ID is given/],
    [{ awsAccessKeyId: undefined }, /^AWS_ACCESS_KEY_ID is missing: AWS_SECRET_ACCESS_KEY is given/],
    [{ s3Key: "{prefix}/{nonsense}" }, /\{nonsense\} is not one of \{prefix\} \{hwid\}/],
  ])("given %j", (given, expected) => {
    const message = complaint({ ...aws, s3Bucket: "b-1", s3Region: "eu-west-1", ...given });
    expect(message).toMatch(expected);
    expect(message).not.toContain("hush");
    expect(message).not.toContain("\n");
  });
});
