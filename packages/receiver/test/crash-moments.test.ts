/**
 * What a crash leaves at random moments, hundreds of times. A stopped process (SIGSTOP) has left on disk exactly what
 * a killed one has, so one receiver gives many moments: stopped, copied, let on. CRASH_MOMENTS and CRASH_KILLS in the
 * environment ask for more.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ServerProcess } from "./support/command.js";
import { CrashedFolder } from "./support/crashed-folder.js";
import { type Device, devices, LiveStream, rawDevice } from "./support/live-streams.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

const { CRASH_MOMENTS = "60", CRASH_KILLS = "16" } = process.env;
const MOMENTS = Number(CRASH_MOMENTS);
const KILLS = Number(CRASH_KILLS);
const SESSIONS = 6; // few moments in each, as a data directory that grows takes ever longer to copy
// How much the devices have to send: longer than a session, or a life, takes.
const SESSION_SECONDS = 60;
const GENERATION_SECONDS = 20;
const FLAGS = ["--ws-segment-seconds", "0.7", "--tcp-segment-seconds", "0.7"];
// The flush interval is 1 s; the rest is for a machine that is busy with other tests.
const SURELY_FLUSHED_MS = 3000;
const TIMEOUT_MS = 60_000 + 1000 * (MOMENTS + KILLS * 3);

/** The same random numbers in 0 … 1 in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Holds what is there against what was sent. `sureBytes`: audio that must be there. */
async function expectPrefix(folder: CrashedFolder, device: Device, sureBytes: number): Promise<void> {
  const audio = await folder.audio(device);
  const { name, pieces } = device;
  expect(audio.equals(device.audio.subarray(0, audio.length)), `${name}: a prefix`).toBe(true);
  expect(audio.length, name).toBeGreaterThanOrEqual(sureBytes - (sureBytes % 4));
  if (device.opening.length === 0) return;
  const frames = await folder.frames(device);
  expect(frames.length % pieces[0].length, `${name}: whole frames`).toBe(0);
  expect(frames.equals(Buffer.concat(pieces).subarray(0, frames.length)), `${name}: frames`).toBe(true);
}

/** The same for a folder whose last files were ruined: what stands before the damage is kept. */
async function expectRuinedPrefix(
  folder: CrashedFolder,
  all: readonly Device[],
  random: () => number,
): Promise<void> {
  const safe: number[] = [];
  for (const device of all) safe.push(await folder.ruin(device, random));
  await folder.recover();
  for (const [i, device] of all.entries()) {
    const audio = await folder.audio(device);
    // Of an acknowledged stream only what the journal knows is kept, and that was ruined too; the rest comes again.
    const bytes = device.acknowledged ? Math.min(safe[i], audio.length) : safe[i] - (safe[i] % 4);
    expect(
      audio.subarray(0, bytes).equals(device.audio.subarray(0, bytes)),
      `${device.name}: before the damage`,
    ).toBe(true);
  }
}

/** A receiver at work with one device of every kind. */
class Session implements AsyncDisposable {
  private constructor(
    readonly server: ServerProcess,
    readonly streams: readonly LiveStream[],
  ) {}

  static async start(cwd: string, all: readonly Device[]): Promise<Session> {
    const server = await ServerProcess.start({ cwd, flags: FLAGS });
    const streams: LiveStream[] = [];
    for (const device of all) streams.push(await LiveStream.start(device, server.ready));
    return new Session(server, streams);
  }

  /** Bytes of every device's audio that a crash at `atMs` must not take: what was acknowledged by then, at least. */
  sureBytes(atMs: number): number[] {
    return this.streams.map((stream) => {
      const pieces = Math.max(stream.acknowledgedPieces, stream.sentBefore(atMs - SURELY_FLUSHED_MS));
      return pieces * stream.device.recordedBytes;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.streams) stream[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

describe("at any moment", () => {
  it.each(Array.from({ length: SESSIONS }, (_, i) => i))(
    "what is on disk is a prefix of what was sent, also when its end is ruined (%i)",
    async (run) => {
      await using folder = await temporaryFolder();
      await using copies = await temporaryFolder();
      const random = generator(run + 1);
      const all = [...devices(SESSION_SECONDS), rawDevice(SESSION_SECONDS)];
      await using session = await Session.start(folder.path, all);
      for (let moment = 0; moment < MOMENTS / SESSIONS; moment++) {
        await pause(random() * 150);
        const sure = session.sureBytes(performance.now());
        session.server.child.kill("SIGSTOP");
        const [crashed, ruined] = [join(copies.path, `${moment}`), join(copies.path, `${moment}-ruined`)];
        const copy = await CrashedFolder.copy(join(folder.path, "data"), crashed);
        session.server.child.kill("SIGCONT");
        const other = await CrashedFolder.copy(crashed, ruined);
        await copy.recover();
        for (const [i, device] of all.entries()) await expectPrefix(copy, device, sure[i]);
        await expectRuinedPrefix(other, all, random);
        for (const path of [crashed, ruined]) rmSync(path, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );
});

describe.concurrent("kill -9, again and again on one data directory", () => {
  it.each([1, 2])(
    "keeps every generation (%i)",
    async (run) => {
      await using folder = await temporaryFolder();
      const random = generator(run + 100);
      const generations: { all: readonly Device[]; sure: number[] }[] = [];
      for (let kill = 0; kill < KILLS / 2; kill++) {
        const all = devices(GENERATION_SECONDS, 10 * (kill + 1));
        await using session = await Session.start(folder.path, all);
        await pause(50 + random() ** 3 * 4000);
        session.server.child.kill("SIGKILL");
        generations.push({ all, sure: session.sureBytes(performance.now()) });
        await session.server.outcome;
      }
      const crashed = await CrashedFolder.at(join(folder.path, "data"));
      await crashed.recover();
      for (const { all, sure } of generations)
        for (const [i, device] of all.entries()) await expectPrefix(crashed, device, sure[i]);
    },
    TIMEOUT_MS,
  );
});
