/** A receiver with everything behind it switched on, that is killed and started again, and what there must be then. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCatalogue } from "@audio/archive";
import type { HookPayload } from "@audio/keeper";
import { createStore, type Store } from "@audio/upload";
import { WebhookReceiver } from "../../../keeper/test/support/webhook-receiver.js";
import type { S3Server } from "../../../upload/test/support/s3-server.js";
import { settingsFor } from "../../../upload/test/support/settings.js";
import { logLines, ServerProcess } from "./command.js";
import { filesBelow } from "./recordings.js";
import { temporaryFolder } from "./test-receiver.js";
import { until } from "./waiting.js";

export interface SceneOptions {
  /** Settings beside those of the scene; undefined takes one away. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the store is reached; default: the server itself. */
  readonly storeUrl?: string;
  /** Default: a folder below the scene's own. */
  readonly dataDir?: string;
}

const SCRIPT = 'echo "$AUDIO_STEM $AUDIO_DELIVERY" >>"$1"\n';
const LOOK_EVERY_MS = 100; // into the catalogue, the files and the store
const AUDIO = /\.(wav|flac)$/;

export class PipelineScene implements AsyncDisposable {
  readonly logs: Record<string, unknown>[] = [];
  server: ServerProcess | undefined;

  private constructor(
    readonly path: string,
    readonly dataDir: string,
    readonly bucket: string,
    readonly store: Store,
    readonly webhook: WebhookReceiver,
    readonly env: Readonly<Record<string, string>>,
    private readonly folder: AsyncDisposable,
  ) {}

  static async create(s3: S3Server, options: SceneOptions = {}): Promise<PipelineScene> {
    const folder = await temporaryFolder();
    const { path } = folder;
    const { dataDir = join(path, "data"), storeUrl = s3.url } = options;
    const bucket = await s3.createBucket();
    const webhook = await WebhookReceiver.listen();
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(path, "hook.sh"), SCRIPT);
    await writeFile(join(path, "seen.txt"), "");
    const env = {
      S3_SERVICE_URL: storeUrl,
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
      AWS_REGION: "us-east-1",
      TIMEZONE: "UTC",
      ...options.env,
    };
    const store = createStore(settingsFor(s3, bucket));
    const scene = new PipelineScene(path, dataDir, bucket, store, webhook, env, folder);
    await scene.configure(options.config);
    return scene;
  }

  async configure(config: SceneOptions["config"] = {}): Promise<void> {
    const on = "segment:complete";
    const hooks = [
      { name: "web", on, url: this.webhook.url },
      { name: "program", on, command: ["/bin/sh", join(this.path, "hook.sh"), this.#seenFile] },
    ];
    const upload = { s3Enabled: true, s3Bucket: this.bucket };
    const compression = { compressMinSeconds: 0.5, compressDelaySeconds: 0, compressCpuShare: 1 };
    const all = { dataDir: this.dataDir, wsSegmentSeconds: 1, ...upload, ...compression, hooks, ...config };
    await writeFile(join(this.path, "audio-receiver.config.json"), JSON.stringify(all));
  }

  /** Starts the receiver. `env` is put over the scene's. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    this.server = await ServerProcess.start({ cwd: this.path, env: { ...this.env, ...env } });
    return this.server;
  }

  /** Ends the receiver; its log is read. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Record<string, unknown>[]> {
    const { stdout, stderr } = (await this.server?.stop(signal)) ?? { stdout: "", stderr: "" };
    this.server = undefined;
    const whole = signal === "SIGKILL" ? stdout.slice(0, stdout.lastIndexOf("\n") + 1) : stdout;
    const lines = logLines(whole);
    if (stderr !== "") lines.push({ level: 50, msg: stderr });
    this.logs.push(...lines);
    return lines;
  }

  /** Ids by stem of what the webhook, or the program, was told. */
  told(by: "web" | "program"): Map<string, Set<string>> {
    const pairs = by === "web" ? this.#posted() : this.#seen();
    const told = new Map<string, Set<string>>();
    for (const [stem, id] of pairs) told.set(stem, (told.get(stem) ?? new Set()).add(id));
    return told;
  }

  /** Files of recordings, below the data directory, without those in progress. */
  async recordings(): Promise<string[]> {
    const names = await filesBelow(this.dataDir);
    return names.filter((name) => name.startsWith("received/") && /\.(wav|flac|bin)$/.test(name));
  }

  /** Sizes of what is in the bucket, by key. */
  async objects(): Promise<Map<string, number>> {
    const objects = new Map<string, number>();
    for await (const { key, bytes } of this.store.list("")) objects.set(key, bytes);
    return objects;
  }

  async object(key: string): Promise<Buffer> {
    return Buffer.concat(await (await this.store.read(key)).stream.toArray());
  }

  /** Stems that have audio here, or in the store. */
  async stems(): Promise<Set<string>> {
    const all = [...(await this.recordings()), ...(await this.objects()).keys()];
    return new Set(all.filter((name) => AUDIO.test(name)).map((name) => name.replace(AUDIO, "")));
  }

  /** What waits in the queues, given up included, by step. */
  waiting(): Record<string, number> {
    if (!existsSync(join(this.dataDir, "catalogue.db"))) return {};
    const catalogue = openCatalogue(this.dataDir);
    try {
      const lengths = catalogue.jobs.lengths();
      return Object.fromEntries(lengths.map(({ step, waiting, givenUp }) => [step, waiting + givenUp]));
    } finally {
      catalogue.close();
    }
  }

  /** Resolves when nothing is left to be done, and all there is has been told. */
  async drained(longestMs = 60_000): Promise<void> {
    const isEmpty = async () => {
      if (Object.keys(this.waiting()).length > 0) return false;
      const stems = [...(await this.stems())];
      const [web, program] = [this.told("web"), this.told("program")];
      return stems.every((stem) => web.has(stem) && program.has(stem));
    };
    await until("all is done", isEmpty, longestMs, LOOK_EVERY_MS).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(this.waiting())}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server?.[Symbol.asyncDispose]();
    await this.store.close();
    await this.webhook[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }

  get #seenFile(): string {
    return join(this.path, "seen.txt");
  }

  #posted(): [string, string][] {
    return this.webhook.posted.map(({ body }) => {
      const { id, segment } = JSON.parse(body) as HookPayload;
      return [segment?.stem ?? "", id];
    });
  }

  #seen(): [string, string][] {
    const lines = readFileSync(this.#seenFile, "utf8").split("\n");
    return lines.flatMap((line) => {
      const [stem, id] = line.split(" ");
      return id === undefined ? [] : [[stem, id]];
    });
  }
}
