import { describe, expect, test } from "vitest";
import { parseArguments } from "../src/arguments.js";
import { StreamError } from "../src/errors.js";

function optionsOf(line: string): Record<string, unknown> {
  const invocation = parseArguments(line.split(" "), "1.2.3");
  if (invocation.kind !== "stream") throw new Error(`"${line}" prints a text`);
  const given = Object.entries(invocation.options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function complaint(line: string): string {
  try {
    parseArguments(line.split(" ").filter(Boolean), "1.2.3");
  } catch (error) {
    if (error instanceof StreamError && error.code === "invalid-option") return error.message;
    throw error;
  }
  throw new Error(`"${line}" was accepted`);
}

describe("right command lines", () => {
  test.each([
    ["a.wav", { files: ["a.wav"] }],
    ["--wav a.wav b.wav", { files: ["a.wav", "b.wav"] }],
    ["--wav a.wav --wav b.wav --loop", { files: ["a.wav", "b.wav"], loop: true }],
    ["-", { files: ["-"] }],
    ["--wav -", { files: ["-"] }],
    ["- --raw", { files: ["-"], raw: { sampleRate: 16_000, channels: 1 } }],
    ["- --raw --sample-rate 48000 --channels 2", { files: ["-"], raw: { sampleRate: 48_000, channels: 2 } }],
    ["--input song.mp3", { ffmpeg: [{ input: "song.mp3" }] }],
    [
      "--input hw:1 --input-format alsa --sample-rate 16000 --channels 1",
      { ffmpeg: [{ input: "hw:1", inputFormat: "alsa", sampleRate: 16_000, channels: 1 }] },
    ],
    ["a.wav --codec pcm", { files: ["a.wav"], codec: "pcm" }],
    ["a.wav --nibble-order high", { files: ["a.wav"], nibbleOrder: "high" }],
    ["a.wav --url wss://host/ws", { files: ["a.wav"], url: "wss://host/ws" }],
    ["a.wav --tcp recorder:9000", { files: ["a.wav"], tcp: { host: "recorder", port: 9000 } }],
    ["a.wav --tcp [::1]:9000", { files: ["a.wav"], tcp: { host: "::1", port: 9000 } }],
    ["a.wav --hwid aa:bb.cc --token s3cret", { files: ["a.wav"], hwid: "aa:bb.cc", token: "s3cret" }],
    ["a.wav --streams 8 --stream-id-base 100", { files: ["a.wav"], streams: 8, streamIdBase: 100 }],
    ["a.wav --frame-ms 2.5 --realtime", { files: ["a.wav"], frameMs: 2.5, realtime: true }],
    ["a.wav --duration 0.5", { files: ["a.wav"], durationSeconds: 0.5 }],
    ["a.wav --no-ack", { files: ["a.wav"], acknowledge: false }],
    ["a.wav --ack-buffer-mb 2", { files: ["a.wav"], ackBufferBytes: 2_097_152 }],
    [
      "a.wav --connect-timeout 1 --reconnect-timeout 0",
      { files: ["a.wav"], connectTimeoutSeconds: 1, reconnectTimeoutSeconds: 0 },
    ],
  ])("%s", (line, expected) => {
    expect(JSON.parse(JSON.stringify(optionsOf(line)))).toEqual(expected);
  });

  test("--json is for the command, not for the library", () => {
    expect(parseArguments(["a.wav", "--json"], "1.2.3")).toMatchObject({ kind: "stream", json: true });
    expect(parseArguments(["a.wav"], "1.2.3")).toMatchObject({ kind: "stream", json: false });
  });

  test("--help and --version print and do nothing else", () => {
    expect(parseArguments(["--version"], "1.2.3")).toEqual({ kind: "text", text: "1.2.3\n" });
    const help = parseArguments(["--help"], "1.2.3");
    expect(help.kind === "text" && help.text).toMatch(/--nibble-order[\s\S]*Examples:[\s\S]*Exit codes/);
  });
});

describe("wrong command lines are one line with the flag, the value and what is allowed", () => {
  test.each([
    ["", /nothing to stream: give WAV files, - for standard input, or --input/],
    ["--loop", /nothing to stream/],
    ["a.wav --codec mp3", /^--codec "mp3" is not allowed: give adpcm or pcm$/],
    ["a.wav --nibble-order middle", /^--nibble-order "middle" is not allowed: give low or high$/],
    ["a.wav --streams 0", /^--streams "0" is not allowed: give a whole number from 1 to 10000$/],
    ["a.wav --streams 1.5", /^--streams "1.5" is not allowed: give a whole number/],
    ["a.wav --streams many", /^--streams "many" is not allowed/],
    [
      "a.wav --stream-id-base -1",
      /^--stream-id-base "-1" is not allowed: give a whole number from 0 to 4294967295$/,
    ],
    ["a.wav --streams 2 --stream-id-base 4294967295", /--stream-id-base .* from 0 to 4294967294$/],
    ["a.wav --frame-ms 0", /^--frame-ms "0" is not allowed: give a number of milliseconds above 0$/],
    ["a.wav --frame-ms 0x10", /^--frame-ms "0x10" is not allowed/],
    ["a.wav --frame-ms Infinity", /^--frame-ms "Infinity" is not allowed/],
    ["a.wav --duration -1", /^--duration "-1" is not allowed: give a number of seconds above 0$/],
    [
      "a.wav --connect-timeout soon",
      /^--connect-timeout "soon" is not allowed: give a number of seconds above 0$/,
    ],
    [
      "a.wav --reconnect-timeout x",
      /^--reconnect-timeout "x" is not allowed: give a number of seconds from 0$/,
    ],
    [
      "a.wav --url localhost:5096",
      /^--url "localhost:5096" is not allowed: give ws:\/\/HOST:PORT\/PATH or wss:/,
    ],
    ["a.wav --url http://host/ws", /^--url "http:\/\/host\/ws" is not allowed/],
    ["a.wav --url ws://host/ws#x", /^--url .* is not allowed/],
    ["a.wav --tcp host", /^--tcp "host" is not allowed: give HOST:PORT with a port from 1 to 65535/],
    ["a.wav --tcp host:0", /^--tcp "host:0" is not allowed/],
    ["a.wav --tcp host:65536", /^--tcp "host:65536" is not allowed/],
    ["a.wav --tcp ::1:9000", /^--tcp "::1:9000" is not allowed: .* brackets$/],
    ["a.wav --hwid ???", /^--hwid "\?\?\?" is not allowed: give at least one of A-Z a-z 0-9/],
    ["a.wav --hwid echo", /^--hwid "echo" is not allowed: .*echo endpoint$/],
    ["a.wav --token p\u00e4ss", /^--token is not allowed: give printable ASCII/],
    ["a.wav --ack-buffer-mb 0", /^--ack-buffer-mb "0" is not allowed: give a whole number from 1 to 1024$/],
    ["a.wav --tcp h:1 --ack-buffer-mb 1", /^--ack-buffer-mb cannot go with --tcp/],
    ["a.wav --bitrate 3", /unknown option '--bitrate'/],
    ["a.wav --url", /option '--url <url>' argument missing/],
    ["a.wav --input b.mp3", /^--input b.mp3 cannot go with the WAV a.wav$/],
    ["--input b.mp3 --raw", /^--raw is for files and standard input/],
    ["a.wav --input-format alsa", /^--input-format alsa needs --input$/],
    ["a.wav --sample-rate 8000", /^--sample-rate 8000 needs --raw or --input/],
    ["a.wav --channels 1", /^--channels 1 needs --raw or --input/],
    [
      "- --raw --sample-rate 900",
      /^--sample-rate "900" is not allowed: give a whole number from 1000 to 384000$/,
    ],
    ["- --raw --channels 9", /^--channels "9" is not allowed: give a whole number from 1 to 8$/],
    ["- --streams 2", /^--streams 2: standard input \(-\) can be read only once, so 1 is allowed$/],
    ["- --loop", /^--loop cannot go with -: standard input/],
    ["- a.wav -", /^- is given twice/],
    ["a.wav --tcp h:1 --url ws://h/ws", /^--url cannot go with --tcp: raw TCP carries PCM and nothing else$/],
    ["a.wav --tcp h:1 --codec adpcm", /^--codec adpcm cannot go with --tcp: .*allowed is pcm$/],
    ["a.wav --tcp h:1 --hwid x", /^--hwid cannot go with --tcp/],
    ["a.wav --tcp h:1 --nibble-order low", /^--nibble-order cannot go with --tcp/],
  ])("%s", (line, expected) => {
    expect(complaint(line)).toMatch(expected);
    expect(complaint(line)).not.toContain("\n");
  });

  test("a token is a secret and is not repeated", () => {
    expect(complaint("a.wav --token p\u00e4ss")).not.toContain("p\u00e4ss");
  });
});
