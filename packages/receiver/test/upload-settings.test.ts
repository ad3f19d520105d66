import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig, valuesOf } from "../src/config/load.js";
import { receiverSettings } from "../src/config/receiver-settings.js";
import { audioReceiver } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";

interface Given {
  readonly env?: Record<string, string>;
  /** Content of audio-receiver.config.yaml */
  readonly file?: string;
  /** Content of .env */
  readonly dotenv?: string;
}

async function entries({ env = {}, file, dotenv }: Given) {
  await using folder = await temporaryFolder();
  if (file !== undefined) writeFileSync(join(folder.path, "audio-receiver.config.yaml"), file);
  if (dotenv !== undefined) writeFileSync(join(folder.path, ".env"), dotenv);
  return loadConfig({ flags: {}, env, folder: folder.path, file: undefined });
}

async function upload(given: Given) {
  return receiverSettings(valuesOf(await entries(given))).upload;
}

const ENV = {
  S3_ENABLED: "true",
  S3_PROVIDER: "aws",
  S3_BUCKET: "recordings",
  S3_REGION: "eu-central-1",
  S3_SERVICE_URL: "http://127.0.0.1:9",
  S3_FORCE_PATH_STYLE: "true",
  S3_UPLOADBIN: "true",
  S3_UPLOADWAV: "false",
  AWS_ACCESS_KEY_ID: "AKIA",
  AWS_SECRET_ACCESS_KEY: "hush",
  AWS_SESSION_TOKEN: "hush-hush",
};

const EXPECTED = {
  prefix: "received",
  key: "{prefix}/{hwid}/{file}",
  keyPcm: "{prefix}/{date}/{file}",
  audio: false,
  bin: true,
  removeLocal: false,
  store: {
    bucket: "recordings",
    region: "eu-central-1",
    url: "http://127.0.0.1:9",
    forcePathStyle: true,
    credentials: { accessKeyId: "AKIA", secretAccessKey: "hush", sessionToken: "hush-hush" },
    profile: undefined,
    checksums: "when-required",
    partBytes: 16 * 1024 * 1024,
    bytesPerSecond: 0,
    concurrency: 4,
    timeoutMs: 60_000,
  },
};

const assignments = Object.entries(ENV);

describe("settings of the upload", () => {
  it("are off by default", async () => {
    expect(await upload({})).toBeUndefined();
  });

  it.each<[string, Given]>([
    ["the environment", { env: ENV }],
    [".env", { dotenv: assignments.map(([name, value]) => `${name}=${value}\n`).join("") }],
    [
      "the file, by the names of the environment",
      { file: assignments.map(([name, value]) => `${name}: ${value}\n`).join("") },
    ],
    [
      "the file, as S3__Enabled",
      {
        file: `S3__Enabled: True\nS3__Provider: AWS\nS3__Bucket: recordings\nS3__Region: eu-central-1
S3__ServiceUrl: http://127.0.0.1:9\nS3__ForcePathStyle: true\nS3__UploadBin: true\nS3__UploadWav: "False"
AWS__AccessKeyId: AKIA\nAWS__SecretAccessKey: hush\nAWS__SessionToken: hush-hush\n`,
      },
    ],
    [
      "the file, as S3:Enabled",
      {
        file: `"S3:Enabled": true\n"S3:Bucket": recordings\n"S3:Region": eu-central-1\n"S3:ServiceUrl": http://127.0.0.1:9
"S3:ForcePathStyle": true\n"S3:UploadBin": true\n"S3:UploadWav": false\nawsAccessKeyId: AKIA
awsSecretAccessKey: hush\nawsSessionToken: hush-hush\n`,
      },
    ],
    [
      "the file, within S3",
      {
        file: `S3: { Enabled: true, Bucket: recordings, Region: eu-central-1, ServiceUrl: "http://127.0.0.1:9",
  ForcePathStyle: true, UploadBin: true, UploadWav: false }
AWS: { AccessKeyId: AKIA, SecretAccessKey: hush, SessionToken: hush-hush }\n`,
      },
    ],
  ])("come from %s", async (_, given) => {
    expect(await upload(given)).toEqual(EXPECTED);
  });

  it("of Scaleway too", async () => {
    const env = {
      S3_ENABLED: "1",
      S3_PROVIDER: "Scaleway",
      SCW_ACCESS_KEY: "SCWX",
      SCW_SECRET_KEY: "hush",
      SCW_DEFAULT_ORGANIZATION_ID: "11111111-2222-4333-8444-555555555555",
      SCW_DEFAULT_PROJECT_ID: "11111111-2222-4333-8444-555555555555",
      SCW_BUCKET: "recordings",
      SCW_REGION: "fr-par",
      SCW_FORCE_PATH_STYLE: "true",
    };
    expect(await upload({ env })).toMatchObject({
      store: { bucket: "recordings", url: "https://s3.fr-par.scw.cloud", forcePathStyle: true },
    });
  });

  it("that are given twice or not known are refused", async () => {
    await expect(entries({ file: "S3__Enabled: true\ns3Enabled: false\n" })).rejects.toThrow(
      /s3Enabled is given twice, as S3__Enabled and as s3Enabled/,
    );
    await expect(entries({ file: "S3: { Enabledd: true }\n" })).rejects.toThrow(/"S3:Enabledd" is not known/);
  });

  it("that are missing are named at the start, all of them, without secrets", async () => {
    await using folder = await temporaryFolder();
    const env = { S3_ENABLED: "true", AWS_SECRET_ACCESS_KEY: "hush-hush" };
    const { code, stderr } = await audioReceiver(["serve"], { cwd: folder.path, env });
    expect(code).toBe(2);
    expect(
      stderr,
    ).toBe(`audio-receiver: S3_BUCKET is missing (or AWS_BUCKET): uploading is on, say which bucket the recordings go to
S3_REGION is missing (or AWS_REGION): the region of the bucket, like eu-central-1
AWS_ACCESS_KEY_ID is missing: AWS_SECRET_ACCESS_KEY is given, and they belong together
`);
  });

  it("are shown without secrets", async () => {
    await using folder = await temporaryFolder();
    for (const flags of [[], ["--json"]]) {
      const { code, stdout } = await audioReceiver(["config", ...flags], { cwd: folder.path, env: ENV });
      expect(code).toBe(0);
      expect(stdout).toContain("recordings");
      expect(stdout).not.toMatch(/hush|AKIA/);
    }
  });
});
