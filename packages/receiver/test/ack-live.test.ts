import { describe, expect, it } from "vitest";
import { AckDevice, soundOf } from "./support/ack-device.js";
import { expectExact, expectHonest } from "./support/ack-recorded.js";
import { ServerProcess } from "./support/command.js";
import { StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until } from "./support/waiting.js";

/** Sends one frame after the other, at the pace of its sound, up to frame `end`. */
async function playLive(device: AckDevice, end: number, frameMs: number): Promise<void> {
  const start = performance.now();
  for (let sent = 1; device.next < end; sent++) {
    device.sendTo(device.next + 1);
    await pause(Math.max(0, start + sent * frameMs - performance.now()));
  }
}

describe.concurrent("a live acknowledged stream", () => {
  it("whose frames no segment holds whole fails in none of them", async () => {
    await using server = await TestReceiver.start({ wsSegmentSeconds: 1.1 });
    using device = new AckDevice(soundOf({ samples: 16_000 * 4, frameSamples: 4000 }));
    await device.connect(server.ws("/porch"));
    await playLive(device, 16, 250);
    expect((await device.finish()).code).toBe(1000);
    await until("it has ended", () => server.closed.length === 1);
    await expectExact(server.dataDir, device.sound);
    expect([server.failed, server.gaps]).toEqual([[], []]);
    expect(server.segments).toHaveLength(4);
  });

  it.each(["SIGKILL", "SIGTERM"] as const)("that comes back after a %s has no gap", async (signal) => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    using device = new AckDevice(soundOf({ samples: 16_000 * 4 }));
    {
      await using server = await ServerProcess.start({ cwd });
      await device.connect(`${server.ready.ws}/porch`);
      using plain = await StreamClient.connect(`${server.ready.ws}/cellar`);
      plain.send(device.sound.opening, ...device.sound.frames.slice(0, 50));
      await playLive(device, 70, 20);
      await server.stop(signal);
    }
    await pause(2500); // more than an absence that is none
    await using server = await ServerProcess.start({ cwd });
    await device.connect(`${server.ready.ws}/porch`);
    using plain = await StreamClient.connect(`${server.ready.ws}/cellar`);
    plain.send(device.sound.opening, ...device.sound.frames.slice(50, 100));
    await playLive(device, device.next + 30, 20);
    expect((await device.finish()).code).toBe(1000);
    await plain.close();
    const { stdout } = await server.stop();
    await expectExact(`${cwd}/data`, device.sound, { files: "stream_7_porch_" });
    expectHonest(device);
    const gaps = stdout.split("\n").filter((line) => line.includes("server-restart"));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toContain("cellar");
    expect(stdout).not.toContain('"disconnected"');
  });
});
