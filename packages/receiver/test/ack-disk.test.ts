import { describe, expect, it } from "vitest";
import { AckDevice, soundOf } from "./support/ack-device.js";
import { expectExact, expectHonest, recordedAudio } from "./support/ack-recorded.js";
import { ServerProcess } from "./support/command.js";
import { SmallDisk } from "./support/small-disk.js";
import { StreamClient } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { pause, until, within } from "./support/waiting.js";

const MEGABYTE = 1_000_000;
// 5 s are promised; a machine that is busy with other tests takes longer.
const LONGEST_MS = 20_000;

async function readyAt(web: string): Promise<boolean> {
  return (await fetch(`${web}/readyz`)).status === 200;
}

/** Streams on in real time, whatever becomes of it, until `stop`. */
function streaming(device: AckDevice): { stop: () => Promise<void> } {
  let stopped = false;
  const playing = (async () => {
    while (!stopped) await device.streamTo(device.next + 5, 1);
  })();
  return {
    stop: () => {
      stopped = true;
      return playing;
    },
  };
}

describe.concurrent("acknowledged streams while the disk is full", () => {
  it.each([
    ["below --min-free-mb", 6, 5 * MEGABYTE],
    ["to the last byte", 0, 0],
    ["but for some pages", 0, 30_000],
  ])("%s are paused, and lose nothing", async (_, minFreeMb, leave) => {
    await using disk = await SmallDisk.mount("size=12m");
    await using server = await TestReceiver.start({ dataDir: disk.path, minFreeMb, wsSegmentSeconds: 0.7 });
    const all = [
      new AckDevice(soundOf({ streamId: 1, samples: 16_000 * 20 + 5 })),
      new AckDevice(soundOf({ streamId: 2, samples: 16_000 * 20, codec: "ima-adpcm", order: "high" })),
    ];
    for (const device of all) await device.connect(server.ws("/porch"));
    using plain = await StreamClient.connect(server.ws("/porch"));
    const dropping = soundOf({ streamId: 3, samples: 16_000 * 40 });
    plain.send(dropping.opening, ...dropping.frames.slice(0, 20));
    const live = all.map(streaming);
    await until("it is recorded", () => server.segments.length > 1);
    await disk.fill(leave);
    await until("it shows", async () => !(await readyAt(server.web(""))));
    for (let at = 20; at < 200; at += 20) {
      plain.send(...dropping.frames.slice(at, at + 20));
      await pause(100);
    }
    const held = all.map(({ nextSeq }) => nextSeq);
    const sent = all.map(({ next }) => next);
    await pause(600);
    for (const [i, device] of all.entries()) {
      expect(device.client.socket.readyState).toBe(device.client.socket.OPEN);
      expect(device.nextSeq - held[i]).toBeLessThan(5);
      expect(device.next).toBeGreaterThan(sent[i]);
      expect(device.nextSeq).toBeLessThan(device.next - 20);
    }
    const refused = new AckDevice(all[0].sound);
    await expect(refused.connect(server.ws("/cellar"))).rejects.toThrow("503");
    await disk.clear();
    for (const [i, device] of all.entries()) {
      await until("it goes on by itself", () => device.nextSeq > sent[i], LONGEST_MS);
      await live[i].stop();
      expect((await device.finish(LONGEST_MS)).code).toBe(1000);
    }
    plain.send(...dropping.frames.slice(200, 220));
    await plain.close();
    await server.receiver.close();
    for (const [i, device] of all.entries()) {
      await expectExact(disk.path, device.sound, { files: `stream_${i + 1}_` });
      expectHonest(device);
      expect(server.gaps.filter(({ stream }) => stream.streamId === i + 1)).toEqual([]);
    }
    // A pause of more than 2 s between its frames would be told as well, by its own name.
    const gaps = server.gaps.filter(({ stream, cause }) => stream.streamId === 3 && cause === "disk-full");
    const missing = gaps.reduce((sum, { samples }) => sum + samples, 0);
    expect((await recordedAudio(disk.path, "stream_3_")).length / 2 + missing).toBe(320 * 220);
  });
});

/** A server of its own on a small disk, with a device whose audio does not fit on it any more. */
async function filledUp(cwd: string, disk: SmallDisk, device: AckDevice): Promise<ServerProcess> {
  const server = await startOn(cwd, disk);
  await device.connect(`${server.ready.ws}/porch`);
  await device.streamTo(100);
  await disk.fill();
  await until("it is full", async () => !(await readyAt(`${server.ready.web}`)));
  await device.streamTo(300);
  expect(device.nextSeq).toBeLessThan(300);
  return server;
}

function startOn(cwd: string, disk: SmallDisk): Promise<ServerProcess> {
  return ServerProcess.start({ cwd, flags: ["--data-dir", disk.path, "--ws-segment-seconds", "0.7"] });
}

describe.concurrent("an acknowledged stream on a full disk goes on", () => {
  it.each([
    ["SIGKILL", "before"],
    ["SIGKILL", "after"],
    ["SIGTERM", "before"],
    ["SIGTERM", "after"],
  ] as const)("after %s, with space again %s the restart", async (signal, space) => {
    await using folder = await temporaryFolder();
    await using disk = await SmallDisk.mount("size=12m");
    using device = new AckDevice(soundOf({ samples: 16_000 * 15 + 9 }));
    await using server = await filledUp(folder.path, disk, device);
    const { code } = await within(10_000, "the end", server.stop(signal));
    expect(code).toBe(signal === "SIGTERM" ? 0 : null);
    if (space === "before") await disk.clear();
    else await disk.fill(8192); // it takes a lock, and little more
    await using again = await startOn(folder.path, disk);
    if (space === "after") {
      // Recovery may have made some room: then it is let in, and held.
      const answer = await device.connect(`${again.ready.ws}/porch`).then(() => "in", String);
      expect(answer).toMatch(/503|^in$/);
      await disk.clear();
    }
    await until("space", () => device.connect(`${again.ready.ws}/porch`).catch(() => undefined));
    await device.finish(LONGEST_MS);
    expect((await again.stop()).code).toBe(0);
    await expectExact(disk.path, device.sound);
    expectHonest(device);
  });
});
