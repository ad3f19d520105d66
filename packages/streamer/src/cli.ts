import { createRequire } from "node:module";
import { type Invocation, parseArguments } from "./arguments.js";
import { reasonOf, StreamError, singleLine } from "./errors.js";
import type { RetryNotice, StreamNotice } from "./options.js";
import { showProgress } from "./progress.js";
import { streamAudio } from "./stream-audio.js";
import { formatSummary } from "./summary.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** As a shell reports a process that the signal ended: 128 + its number. */
const EXIT_SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** With more streams, a server that restarts would print as many lines. */
const NOTICED_STREAMS = 5;

/**
 * Runs the `audio-stream` command and ends the process: 0 everything was sent and closed cleanly, 1 it was not,
 * 2 a flag is wrong, 130 or 143 stopped by SIGINT or SIGTERM.
 *
 * @param argv as `process.argv`
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.exit(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  try {
    const invocation = parseArguments(argv.slice(2), version());
    if (invocation.kind === "stream") return await stream(invocation);
    await write(process.stdout, invocation.text);
    return 0;
  } catch (error) {
    await write(process.stderr, `audio-stream: ${singleLine(reasonOf(error))}\n`);
    return error instanceof StreamError && error.code === "invalid-option" ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function stream({ options, json }: Extract<Invocation, { kind: "stream" }>): Promise<number> {
  const stop = stopOnSignals();
  const display = process.stderr.isTTY ? showProgress() : undefined;
  const printsNotices = display === undefined && (options.streams ?? 1) <= NOTICED_STREAMS;
  const summary = await streamAudio({
    ...options,
    signal: stop.signal,
    onProgress: display?.update,
    onRetry: printsNotices ? printRetry : undefined,
    onNotice: printsNotices ? printNotice : undefined,
  }).finally(() => display?.stop());
  await write(process.stdout, json ? `${JSON.stringify(summary)}\n` : `${formatSummary(summary)}\n`);
  return summary.stopped ? stop.exitCode() : 0;
}

function stopOnSignals(): { signal: AbortSignal; exitCode: () => number } {
  const controller = new AbortController();
  let exitCode: number = EXIT_FAILED;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      exitCode = EXIT_SIGNALS[name];
      // A second signal does not wait for the goodbyes.
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}

function printRetry({ streamId, reason, delayMs }: RetryNotice): void {
  const seconds = (delayMs / 1000).toFixed(1);
  process.stderr.write(`audio-stream: stream ${streamId}: ${reason}; trying again in ${seconds} s\n`);
}

function printNotice({ streamId, message }: StreamNotice): void {
  process.stderr.write(`audio-stream: stream ${streamId}: ${message}\n`);
}

/** Resolves when the text has left; a reader that is gone must not become an uncaught exception. */
function write(output: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    output.once("error", () => resolve());
    output.write(text, () => resolve());
  });
}

function version(): string {
  const manifest: { version: string } = createRequire(import.meta.url)("../package.json");
  return manifest.version;
}
