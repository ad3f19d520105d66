/** What `/metrics` says of the work after a segment, in a whole receiver. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tones, wavFile } from "./support/audio.js";
import { audioStream, ServerProcess } from "./support/command.js";
import { parseScrape, sampleOf } from "./support/scrape.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const TOKEN = "a-token-of-some-letters";
// Compressed at once, and uploaded to where nobody listens (port 9 is "discard").
const ENV = {
  METRICS_TOKEN: TOKEN,
  COMPRESSION_FORMAT: "flac",
  COMPRESSION_MIN_SECONDS: "0",
  COMPRESSION_DELAY: "0",
  S3_ENABLED: "true",
  S3_BUCKET: "recordings",
  S3_SERVICE_URL: "http://127.0.0.1:9",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
};

it("tells of queues, compression, uploads that fail, and what there is", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await writeFile(join(cwd, "input.wav"), wavFile(tones(16_000 * 3)));
  await using server = await ServerProcess.start({ cwd, env: ENV, flags: ["--ws-segment-seconds", "1"] });
  const { code } = await audioStream(["--wav", "input.wav", "--url", server.ready.ws as string], { cwd });
  expect(code).toBe(0);
  const families = await until("compression and a failed upload", async () => {
    const answer = await fetch(`${server.ready.web}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const found = parseScrape(await answer.text());
    const compressed = sampleOf(found, "jobs_completed_total", { step: "compress" });
    return compressed === 3 && sampleOf(found, "upload_errors_total") > 0 && found;
  });
  const value = (name: string, labels?: Record<string, string>) => sampleOf(families, name, labels);
  expect(value("keeper_up")).toBe(1);
  expect(value("compression_files_total", { result: "compressed" })).toBe(3);
  expect(value("compression_audio_seconds_total")).toBeCloseTo(3);
  const before = value("compression_input_bytes_total");
  expect(before).toBeGreaterThan(96_000);
  expect(value("compression_output_bytes_total")).toBeLessThan(before);
  expect(value("archive_files", { form: "flac", place: "local" })).toBe(3);
  expect(value("archive_bytes", { form: "flac", place: "local" })).toBe(
    value("compression_output_bytes_total"),
  );
  expect(value("upload_errors_total", { code: "unreachable" })).toBeGreaterThan(0);
  expect(value("upload_failing")).toBe(1);
  expect(value("upload_objects_total")).toBe(0);
  expect(value("jobs_paused", { step: "upload" })).toBe(1);
  expect(value("jobs_waiting", { step: "upload" })).toBe(3);
  expect(value("job_failures_total", { step: "upload" })).toBeGreaterThan(0);
  expect(
    families.get("audio_receiver_retention_deleted_bytes_total")!.samples.map(({ value }) => value),
  ).toEqual(Array(5).fill(0));
  expect(families.get("audio_receiver_retention_shortage_bytes")!.samples).toHaveLength(3);
});
