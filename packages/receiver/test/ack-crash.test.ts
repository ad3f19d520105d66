import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AckDevice, type SoundOptions, soundOf } from "./support/ack-device.js";
import { type Expectation, expectExact, expectHonest } from "./support/ack-recorded.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { temporaryFolder } from "./support/test-receiver.js";
import { pause } from "./support/waiting.js";

const SECOND = 16_000;
const { ACK_KILLS = "4" } = process.env;
const KILLS = Number(ACK_KILLS);
const TIMEOUT_MS = 60_000 + 5000 * KILLS;

/** One of every kind, each with its own stream id, and two with the same. */
function sounds(): [path: string, SoundOptions][] {
  return [
    ["/porch", { streamId: 1, samples: 20 * SECOND + 123 }],
    ["/cellar", { streamId: 1, samples: 20 * SECOND }],
    ["/porch", { streamId: 2, samples: 20 * SECOND + 7, channels: 2 }],
    ["/porch", { streamId: 3, samples: 20 * SECOND + 6, codec: "ima-adpcm" }],
    ["/porch", { streamId: 4, samples: 20 * SECOND + 2, codec: "ima-adpcm", order: "high" }],
    ["/porch", { streamId: 5, samples: 20 * SECOND + 8, codec: "ima-adpcm", channels: 2 }],
    ["", { streamId: 6, samples: 20 * SECOND + 1 }],
  ];
}

interface Player {
  readonly device: AckDevice;
  readonly path: string;
  /** What its files are called, and what lies in them. */
  readonly files: string;
}

function players(): Player[] {
  return sounds().map(([path, options]) => ({
    device: new AckDevice(soundOf(options)),
    path,
    files: path === "" ? `stream_${options.streamId}_` : `stream_${options.streamId}_${path.slice(1)}_`,
  }));
}

function connectAll(all: readonly Player[], { ready }: ServerProcess): Promise<unknown> {
  return Promise.all(all.map(({ device, path }) => device.connect(`${ready.ws}${path}`)));
}

async function expectAll(folder: string, all: readonly Player[], bin: Expectation["bin"]): Promise<void> {
  for (const { device, files } of all) {
    await expectExact(join(folder, "data"), device.sound, { files, bin });
    expectHonest(device);
  }
}

describe.concurrent("acknowledged streams are the input, every sample and frame once", () => {
  it.each([
    ["SIGKILL", ["--ws-segment-seconds", "0.333"], "frames"],
    ["SIGKILL", ["--bin-handshake", "--fsync", "never", "--ws-segment-seconds", "0.7"], "handshake"],
    ["SIGKILL", ["--no-bin"], "none"],
    ["SIGTERM", ["--ws-segment-seconds", "0.333"], "frames"],
  ] as const)(
    "after many a %s of the receiver, %j",
    async (signal, flags, bin) => {
      await using folder = await temporaryFolder();
      const cwd = folder.path;
      const all = players();
      for (let turn = 0; turn < KILLS; turn++) {
        await using server = await ServerProcess.start({ cwd, flags });
        await connectAll(all, server);
        const perTurn = 1 + Math.floor(Math.random() * 12);
        const streaming = all.map(({ device }) => device.streamTo(device.next + 30 * perTurn, perTurn));
        // The first moments of a segment, of a commit, and much later.
        await pause(Math.random() * (turn % 2 === 0 ? 1200 : 250));
        await server.stop(signal);
        await Promise.all(streaming);
      }
      await using server = await ServerProcess.start({ cwd, flags });
      await connectAll(all, server);
      await Promise.all(all.map(({ device }) => device.finish()));
      await server.stop();
      await expectAll(cwd, all, bin);
    },
    TIMEOUT_MS,
  );

  // Each moment in the life of a first segment: without a file, without a name, without a byte.
  it("when `recover` repairs what a kill left, twice, before the next start", async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const all = players();
    for (let turn = 0; turn < KILLS; turn++) {
      await using server = await ServerProcess.start({ cwd });
      await connectAll(all, server);
      const wanted = all.map(({ device }) => device.next + 40);
      for (const [i, { device }] of all.entries()) device.sendTo(wanted[i]);
      await Promise.all(all.map(({ device }, i) => device.acknowledged(wanted[i] - 5)));
      await server.stop("SIGKILL");
      for (let again = 0; again < 2; again++)
        expect((await audioReceiver(["recover"], { cwd })).code).toBe(0);
    }
    await using server = await ServerProcess.start({ cwd });
    await connectAll(all, server);
    await Promise.all(all.map(({ device }) => device.finish()));
    await server.stop();
    await expectAll(cwd, all, "frames");
  });
});
