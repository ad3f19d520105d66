import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandHook,
  type DeliveryContext,
  deliver,
  deliveriesFor,
  type Hook,
  type HookError,
  type HookEvent,
  type WebhookHook,
} from "../../src/index.js";

export const STREAM = {
  key: 3,
  source: "websocket",
  device: "kitchen",
  streamId: 7,
  peer: "192.168.1.20:51544",
  sampleRate: 16_000,
  channels: 1,
  bitsPerSample: 16,
} as const;

const START_US = 1_795_341_600_250_000;

export const SEGMENT_EVENT = {
  event: "segment:complete",
  segment: {
    ...STREAM,
    stem: "kitchen/2026-11-22/10-00-00",
    startUs: START_US,
    endUs: START_US + 10_000_000,
    samples: 160_000,
    gaps: [{ startUs: START_US + 2_000_000, samples: 320, cause: "lost-frames", filled: true }],
    levels: {
      peakDbfs: -6.1,
      rmsDbfs: -23.4,
      clippedSamples: 0,
      flatSeconds: 0,
    },
    forms: [
      {
        form: "flac",
        bytes: 141_208,
        local: true,
        remote: { bucket: "recordings", key: "received/kitchen/10-00-00.flac", verifiedUs: START_US },
      },
      { form: "bin", bytes: 84_032, local: true, remote: undefined },
    ],
  },
} satisfies HookEvent;

/** The same event of a device that calls itself something else. */
export function segmentOf(device: string | undefined): HookEvent {
  return { ...SEGMENT_EVENT, segment: { ...SEGMENT_EVENT.segment, device } };
}

const COMMON = { name: "test", on: ["segment:complete"], devices: undefined, timeoutSeconds: 30 } as const;

export function commandHook(command: CommandHook["command"], more: Partial<CommandHook> = {}): CommandHook {
  return { ...COMMON, kind: "command", command, env: [], concurrency: 1, attempts: 8, ...more };
}

export function webhook(url: string, more: Partial<WebhookHook> = {}): WebhookHook {
  const rest = { secret: undefined, headers: {}, concurrency: 1, attempts: 400 };
  return { ...COMMON, kind: "webhook", url, ...rest, ...more };
}

/** A data directory, with the scripts that a test puts there. */
export class HookFolder implements AsyncDisposable {
  readonly output: string[] = [];

  private constructor(readonly path: string) {}

  static async open(): Promise<HookFolder> {
    return new HookFolder(await realpath(await mkdtemp(join(tmpdir(), "audio-hooks-"))));
  }

  /** A command that runs this JavaScript; `fs` is there. */
  async script(code: string, ...args: string[]): Promise<CommandHook["command"]> {
    const path = join(this.path, `script-${Math.random().toString(36).slice(2)}.mjs`);
    await writeFile(path, `import * as fs from "node:fs";\n${code}\n`);
    return [process.execPath, path, ...args];
  }

  in(name: string): string {
    return join(this.path, name);
  }

  deliver(hook: Hook, event: HookEvent = SEGMENT_EVENT, more: Partial<DeliveryContext> = {}): Promise<void> {
    const [delivery] = deliveriesFor([hook], event);
    return deliver(hook, delivery, {
      dataDir: this.path,
      env: process.env,
      signal: new AbortController().signal,
      onOutput: (_, lines) => this.output.push(...lines),
      ...more,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** The error that a delivery fails with. */
export async function failureOf(delivered: Promise<void>): Promise<HookError> {
  return delivered.then(
    () => Promise.reject(new Error("it was delivered")),
    (error: HookError) => error,
  );
}
