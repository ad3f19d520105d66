import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerOptions, ServerProcess } from "../../../receiver/test/support/command.js";
import { until } from "../../../receiver/test/support/waiting.js";
import { TIMEZONE } from "./recorded-days.js";

export const LOGIN = { username: "admin", password: "open sesame" } as const;

export interface WebServerOptions extends Partial<Pick<ServerOptions, "env" | "flags">> {
  /** Default: one of its own, empty, that goes with it. */
  readonly dataDir?: string;
  readonly timezone?: string;
  /** Default true: what stands in no catalogue yet is looked for first. */
  readonly waits?: boolean;
}

// The catalogue was filled before, and tens of thousands of files only have to be compared with it.
const LONGEST_SEARCH_MS = 60_000;

/** The real command on a data directory; ends with its scope. */
export class WebServer implements AsyncDisposable {
  private constructor(
    readonly process: ServerProcess,
    private readonly cwd: string,
  ) {}

  /** Starts it. Nothing is compressed unless `flags` say so. */
  static async start({
    dataDir,
    timezone = TIMEZONE,
    env,
    flags = [],
    waits = true,
  }: WebServerOptions = {}): Promise<WebServer> {
    const cwd = await mkdtemp(join(tmpdir(), "audio-web-"));
    const settings = {
      TIMEZONE: timezone,
      WEB_UI_PASSWORD: LOGIN.password,
      COMPRESSION_FORMAT: "none",
      ...env,
    };
    const all = ["--data-dir", dataDir ?? join(cwd, "data"), ...flags];
    const server = new WebServer(await ServerProcess.start({ cwd, env: settings, flags: all }), cwd);
    if (waits) await server.complete();
    return server;
  }

  /** Resolves when the catalogue holds all that is there. */
  async complete(): Promise<void> {
    await until("all that is there", () => this.#knowsAll(), LONGEST_SEARCH_MS, 100);
  }

  /** `http://127.0.0.1:PORT/` */
  get url(): string {
    return `${this.process.ready.web}/`;
  }

  /** Asks it, logged in. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const login = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
    return fetch(new URL(path, this.url), {
      ...init,
      headers: { ...init.headers, authorization: `Basic ${login}` },
    });
  }

  /** Ends it as a crash would: what comes next finds the same ports closed. */
  async kill(): Promise<void> {
    await this.process.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.cwd, { recursive: true, force: true });
  }

  async #knowsAll(): Promise<boolean> {
    const metrics = await (await this.ask("metrics")).text();
    const waiting = [...metrics.matchAll(/^audio_receiver_jobs_(?:waiting|running)\{.*\} (\d+)$/gm)];
    return (
      /^audio_receiver_catalogue_complete 1$/m.test(metrics) && waiting.every(([, count]) => count === "0")
    );
  }
}
