/**
 * A real S3 server on loopback: Ceph's radosgw (Debian packages radosgw ceph-mon ceph-osd ceph-common). It checks
 * signatures, hashes and conditions, as object stores do.
 *
 * Every call starts a gateway of one's own, in 0.2 s, to be killed as one likes. The cluster behind them takes 12 s and
 * 120 MB: one serves all test files of a run, and keeps what was stored over a gateway's death.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "./free-port.js";
import { ACCESS_KEY, end, SECRET_KEY, startCluster, startDaemon } from "./s3-cluster.js";

export interface S3Server {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Makes an empty bucket of a name that nobody has. */
  createBucket(): Promise<string>;
  /** Ends the gateway as a crash would; what is stored stays. */
  kill(): Promise<void>;
  /** A gateway at the same port again. */
  restart(): Promise<void>;
  /** The same as `kill`, for afterwards. */
  stop(): Promise<void>;
}

/** Variable that names the folder of a test run, which s3-teardown.ts makes. */
export const RUN_FOLDER = "AUDIO_TEST_S3_FOLDER";
/** And the process whose end is the run's. */
export const RUN_OWNER = "AUDIO_TEST_S3_OWNER";
const START_LIMIT_MS = 90_000;

export async function startS3Server(): Promise<S3Server> {
  const folder = await sharedCluster();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let pid = await startGateway(folder, port);
  const kill = () => end(folder, pid);
  return {
    url,
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
    createBucket: () => createBucket(url),
    kill,
    restart: async () => {
      pid = await startGateway(folder, port);
    },
    stop: kill,
  };
}

async function sharedCluster(): Promise<string> {
  process.env[RUN_FOLDER] ??= mkdtempSync(join(tmpdir(), "audio-s3-"));
  process.env[RUN_OWNER] ??= String(process.pid);
  const folder = join(process.env[RUN_FOLDER], "cluster");
  const ready = join(folder, "ready");
  if (isFirst(folder)) {
    endWith(process.env[RUN_OWNER], folder);
    await startCluster(folder);
    writeFileSync(ready, "");
  }
  await until("the cluster", () => existsSync(ready));
  return folder;
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

// Whatever way a test run ends, its daemons end: also when it is killed, and s3-teardown.ts with it.
function endWith(owner: string, folder: string): void {
  const script = `while kill -0 "$1" 2>/dev/null; do sleep 1; done
while read -r pid; do grep -qs "CEPH_CONF=$2/" "/proc/$pid/environ" && kill -9 "$pid"; done <"$2/pids"
rm -rf "$2"`;
  spawn("sh", ["-c", script, "s3-watch", owner, folder], { detached: true, stdio: "ignore" }).unref();
}

async function startGateway(folder: string, port: number): Promise<number> {
  const frontend = `beast endpoint=127.0.0.1:${port}`;
  const pid = startDaemon(folder, "radosgw", "-n", "client.rgw", "--rgw-frontends", frontend);
  await until("the gateway", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text(),
      () => "",
    );
    return answer.includes("ListAllMyBucketsResult");
  });
  return pid;
}

async function createBucket(endpoint: string): Promise<string> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY };
  const client = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  const Bucket = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  return Bucket;
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} of the S3 server did not start`);
    await sleep(20);
  }
}
