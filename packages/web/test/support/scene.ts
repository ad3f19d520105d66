import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { TestBrowser, type Visit, type VisitOptions } from "./browser.js";
import { type RecordedDays, recordDays } from "./recorded-days.js";
import { installTap } from "./tap.js";
import { WebServer } from "./web-server.js";

/** Spoken again and again into the microphone of the browser. */
export const MICROPHONE = join(import.meta.dirname, "../../../../examples/data/speech.wav");

/** Days of recordings, the receiver on them, and a browser: one for all tests of a file. */
export class Scene implements AsyncDisposable {
  private constructor(
    readonly days: RecordedDays,
    readonly server: WebServer,
    readonly browser: TestBrowser,
  ) {}

  static async create(): Promise<Scene> {
    const dataDir = await mkdtemp(join(tmpdir(), "audio-scene-"));
    const days = await recordDays(dataDir);
    const [server, browser] = await Promise.all([
      WebServer.start({ dataDir, waits: false }),
      TestBrowser.start({ microphone: MICROPHONE }),
    ]);
    return new Scene(days, server, browser);
  }

  /** Opens a place for a test, which fails if the browser has complained at its end. */
  async visit(place: string, options: VisitOptions = {}): Promise<Visit> {
    return visitFor(this.browser, this.server.url, place, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await rm(this.days.dataDir, { recursive: true, force: true });
  }
}

/** The same for another server. */
export async function visitFor(
  browser: TestBrowser,
  url: string,
  place: string,
  options: VisitOptions = {},
): Promise<Visit> {
  const visit = await browser.visit(url, options);
  onTestFinished(async () => {
    const { unexpected } = visit;
    await visit[Symbol.asyncDispose]();
    expect(unexpected, "complaints of the browser").toEqual([]);
  });
  await visit.page.addInitScript(installTap);
  return visit.open(place);
}
