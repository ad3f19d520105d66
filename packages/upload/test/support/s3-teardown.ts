/** Once per test run (vitest.config.ts): a place for the S3 server that some tests start, and its end. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopCluster } from "./s3-cluster.js";
import { RUN_FOLDER, RUN_OWNER } from "./s3-server.js";

export default function setup(): () => Promise<void> {
  if (process.env[RUN_FOLDER] !== undefined) return async () => undefined; // vitest asks once more for each project
  const folder = mkdtempSync(join(tmpdir(), "audio-s3-"));
  process.env[RUN_FOLDER] = folder;
  process.env[RUN_OWNER] = String(process.pid);
  return async () => {
    if (existsSync(join(folder, "cluster", "pids"))) await stopCluster(join(folder, "cluster"));
    rmSync(folder, { recursive: true, force: true });
  };
}
