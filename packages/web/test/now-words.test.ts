import { describe, expect, it } from "vitest";
import { firstCommands } from "../src/pages/now/first-commands.js";
import { type QueueNow, queueWords } from "../src/pages/now/queue-words.js";

const idle: QueueNow = {
  step: "compress",
  waiting: 0,
  running: 0,
  failing: 0,
  givenUp: 0,
  isWaiting: false,
  oldestMs: null,
};
const told = (queue: Partial<QueueNow>) => {
  const words = queueWords({ ...idle, ...queue });
  return `${words.kind}: ${words.name} ${words.told}`.replaceAll("\u00a0", " ");
};

it("tells what a queue does", () => {
  expect(told({})).toBe("idle: Compression nothing to do");
  expect(told({ step: "upload", waiting: 3, running: 1, oldestMs: 9000 })).toBe(
    "busy: Upload 1 at work, 3 waiting for up to 9 s",
  );
  expect(told({ waiting: 14, isWaiting: true, oldestMs: 620_000 })).toBe(
    "warn: Compression waits with 14 jobs for up to 10 min 20 s",
  );
  expect(told({ step: "hook:transcribe", givenUp: 1 })).toBe("bad: Hook transcribe 1 job given up");
  expect(queueWords({ ...idle, isWaiting: true }).advice).toMatch(/ffmpeg/);
});

describe("the first commands", () => {
  const ports = {
    websocketPort: 5096,
    websocketUrl: null,
    tcpPort: 9000,
    udpPort: null,
    needsToken: false,
    isEncrypted: false,
  };

  it("have the receiver's address", () => {
    expect(firstCommands(ports, "box.lan")).toEqual({
      stream: "npx audio-stream --wav examples/data/speech.wav --url ws://box.lan:5096/ws --realtime",
      raw: "tail -c +45 examples/data/speech.wav > /dev/tcp/box.lan/9000",
      address: "ws://box.lan:5096/ws/my-first-microphone",
    });
    expect(firstCommands(ports, "[::1]").raw).toMatch("/dev/tcp/::1/9000");
  });

  it("ask for what the receiver asks for, and leave out what is closed", () => {
    const encrypted = firstCommands({ ...ports, needsToken: true, isEncrypted: true }, "box");
    expect(encrypted.stream).toMatch(/wss:\/\/box:5096\/ws --realtime --token TOKEN$/);
    expect(encrypted.raw).toBeUndefined();
    expect(firstCommands({ ...ports, needsToken: true }, "box").raw).toMatch(/^\{ echo token TOKEN; /);
    const proxied = firstCommands({ ...ports, websocketUrl: "wss://a.example/ws" }, "a.example");
    expect(proxied.address).toBe("wss://a.example/ws/my-first-microphone");
    expect(proxied.raw).toBeUndefined();
    expect(firstCommands({ ...ports, websocketPort: null, tcpPort: null }, "box")).toEqual({
      stream: undefined,
      raw: undefined,
      address: undefined,
    });
  });
});
