import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolveUpload, type UploadValues } from "@audio/upload/settings";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig, valuesOf } from "../src/config/load.js";
import { StoreReader } from "../src/export/store-reader.js";
import { noiseBytes } from "./support/audio.js";

const object = noiseBytes(600_000);
const asked: string[] = [];
let breaksAfter: number | undefined;

// Answers a GET for a range as a store does, and breaks off where a network would.
const server = createServer(({ url, headers }, response) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  asked.push(`${url?.split("?")[0]} ${from}-${to}`);
  if (from === undefined || url?.includes("missing")) return void refuse(response);
  const body = object.subarray(Number(from), Number(to) + 1);
  response.writeHead(206, {
    "Content-Length": body.length,
    "Content-Range": `bytes ${from}-${to}/${object.length}`,
  });
  if (breaksAfter === undefined) return void response.end(body);
  response.write(body.subarray(0, breaksAfter), () => setTimeout(() => response.destroy(), 50));
  breaksAfter = undefined;
});

function refuse(response: ServerResponse): void {
  response.writeHead(404, { "Content-Type": "application/xml" });
  response.end("<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>");
}

let reader: StoreReader;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const env = {
    S3_ENABLED: "true",
    S3_BUCKET: "recordings",
    S3_SERVICE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    S3_FORCE_PATH_STYLE: "true",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "us-east-1",
  };
  const values: UploadValues = valuesOf(
    loadConfig({ flags: {}, env, folder: import.meta.dirname, file: undefined }),
  );
  reader = new StoreReader(resolveUpload(values)?.store);
});
afterAll(async () => {
  await reader.close();
  server.close();
});

async function read(key: string, start: number, end: number, from = reader): Promise<Buffer> {
  const stream = await from.openRemote({ bucket: "older", key, verifiedUs: 0 }, { start, end });
  return Buffer.concat(await stream.toArray());
}

it("reads the range that is asked for, from the bucket in which it is", async () => {
  asked.length = 0;
  expect((await read("a/b.wav", 44, 300_000)).equals(object.subarray(44, 300_000))).toBe(true);
  expect(asked).toEqual(["/older/a/b.wav 44-299999"]);
});

it("goes on where a connection breaks", async () => {
  asked.length = 0;
  breaksAfter = 100_000;
  expect((await read("b.wav", 0, object.length)).equals(object)).toBe(true);
  expect(asked).toEqual(["/older/b.wav 0-599999", expect.stringMatching(/^\/older\/b.wav \d+-599999$/)]);
  expect(asked[1]).not.toBe(asked[0]);
});

it("says what is wrong", async () => {
  await expect(read("missing.wav", 0, 10)).rejects.toMatchObject({ code: "no-object" });
  await expect(read("a.wav", 0, 10, new StoreReader(undefined))).rejects.toThrow(
    "uploading is off (S3_ENABLED)",
  );
});
