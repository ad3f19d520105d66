/** examples/transcribe-hook: its configuration in a real receiver, and the program when things go wrong. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audioStream, ServerProcess } from "../packages/receiver/test/support/command.js";
import { until } from "../packages/receiver/test/support/waiting.js";

const EXAMPLE = join(import.meta.dirname, "..", "examples", "transcribe-hook");
const SPEECH = join(import.meta.dirname, "..", "examples", "data", "speech.wav");

const LOGIN = "admin:open sesame";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audio-transcribe-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
/** One line for each start and end of the stand-in: how many are at work, and whatever it adds. */
const diary = () => (existsSync(path("diary")) ? readFileSync(path("diary"), "utf8").trim().split("\n") : []);

/** A program of that name that notes when it is at work; `does` says what it does, with the audio as $audio. */
function standIn(name: string, does: string): string {
  mkdirSync(path("bin"), { recursive: true });
  const program = join(folder, "bin", name);
  const script = `#!/bin/sh
for audio; do :; done # the last argument
echo "begins $audio" >> ${path("diary")}
${does}
echo "ends $audio" >> ${path("diary")}
`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return program;
}

/** The largest number of stand-ins that were at work at once. */
function mostAtOnce(): number {
  let [now, most] = [0, 0];
  for (const line of diary()) {
    now += line.startsWith("begins") ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

interface Circumstances {
  readonly event?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs transcribe.py as a hook does: in a process group of its own, the event on its standard input. */
async function transcribe(words: readonly string[], { event = "{}", env = {} }: Circumstances = {}) {
  const environment = { ...process.env, AUDIO_DATA_DIR: folder, ...env };
  const program = [join(EXAMPLE, "transcribe.py"), ...words];
  const child = spawn("python3", program, { env: environment, detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  child.stdin.end(event);
  const [code] = await once(child, "close");
  return { code: code as number, said };
}

describe("the hook of its configuration file", () => {
  it("writes down each segment, one after the other, and again what failed", async () => {
    // The first try for the garden fails.
    standIn(
      "whisper-cli",
      `case "$audio" in *garden*) [ -e ${path("failed")} ] || { echo "ends $audio" >> ${path("diary")}; touch ${path("failed")}; exit 3; } ;; esac
      ffprobe -v error -show_entries format=duration -of csv=p=0 "$audio"`,
    );
    const webPort = await freePort();
    const configuration = readFileSync(join(EXAMPLE, "audio-receiver.config.yaml"), "utf8")
      .replace("/opt/transcribe-hook", EXAMPLE)
      .replace("127.0.0.1:8080", `127.0.0.1:${webPort}`);
    writeFileSync(path("audio-receiver.config.yaml"), configuration);
    const env = {
      PATH: `${path("bin")}:${process.env.PATH}`,
      TRANSCRIBE_LOGIN: LOGIN,
      WEB_UI_PASSWORD: "open sesame",
    };
    await using server = await ServerProcess.start({ cwd: folder, env, flags: ["--web-port", `${webPort}`] });
    const devices = ["kitchen", "garden"];
    const target = ["--wav", SPEECH, "--url", server.ready.ws!];
    await Promise.all(devices.map((hwid) => audioStream([...target, "--hwid", hwid], { cwd: folder })));
    const notes = async (device: string) => {
      const headers = { authorization: `Basic ${Buffer.from(LOGIN).toString("base64")}` };
      const answer = await fetch(`${server.ready.web}/api/v1/notes?device=${device}`, { headers });
      return (await answer.json()) as { text: string; fromUs: number; toUs: number }[];
    };
    for (const device of devices) {
      const found = async () => {
        const all = await notes(device);
        return all.length > 0 && all;
      };
      const [note, ...others] = await until(`a note of the ${device}`, found, 20_000, 200);
      expect(others).toEqual([]);
      expect(note.text).toBe("10.594625");
      expect((note.toUs - note.fromUs) / 1e6).toBeCloseTo(10.595, 2); // notes are by the millisecond
      const recorded = join(folder, "data", "received", device);
      const [text] = readdirSync(recorded).filter((name) => name.includes(".txt"));
      expect(text).toMatch(/^stream_1_.*\d\.txt$/);
      expect(readFileSync(join(recorded, text), "utf8")).toBe("10.594625\n");
    }
    expect([diary().length, mostAtOnce()]).toEqual([6, 1]);
    // Told the same once more, as after a crash: neither the work nor the note is done twice.
    const [{ fromUs, toUs }] = await notes("garden");
    const wav = readdirSync(join(folder, "data", "received", "garden")).find((name) =>
      name.endsWith(".wav"),
    )!;
    const event = JSON.stringify({ device: "garden", segment: { startUs: fromUs, endUs: toUs } });
    const words = [
      join(folder, "data", "received", "garden", wav),
      `--note=${server.ready.web}`,
      "--",
      "false",
    ];
    expect(await transcribe(words, { event, env })).toMatchObject({ code: 0 });
    expect(await notes("garden")).toHaveLength(1);
  });
});

describe("transcribe.py", () => {
  function audio(...names: string[]): string[] {
    for (const name of names) writeFileSync(path(name), "");
    return names.map(path);
  }

  it("is at work for no more than it may be, and never twice for one segment", async () => {
    const program = standIn("write", "sleep 0.3; echo said");
    const files = audio("a.wav", "b.wav", "c.wav", "d.wav");
    const runs = [...files, files[0], files[1]].map((file) =>
      transcribe([file, "--at-once=2", "--", program, file]),
    );
    for (const { code, said } of await Promise.all(runs))
      expect([code, said]).toEqual([0, expect.stringMatching(/: 4 characters\n$/)]);
    expect([diary().length, mostAtOnce()]).toEqual([8, 2]);
    const left = readdirSync(folder).filter((name) => name.includes(".txt"));
    expect(left.sort()).toEqual(["a.txt", "b.txt", "c.txt", "d.txt"]);
  });

  it("ends what takes too long, and leaves nothing behind", async () => {
    const [file] = audio("a.wav");
    const program = standIn("hang", `sleep 60 & echo $! > ${path("pid")}; wait`);
    const { code, said } = await transcribe([file, "--limit=0.7", "--", program, file]);
    expect([code, said]).toEqual([1, `${program} was not done in time\n`]);
    const pid = Number(readFileSync(path("pid"), "utf8"));
    await until(
      "nothing is left",
      () => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "),
    );
    expect(readdirSync(folder).filter((name) => name.includes(".txt"))).toEqual([]);
  });

  it("says in one line what is wrong", async () => {
    const [file] = audio("a.wav");
    const cases = [
      transcribe([file, "--", standIn("fails", "exit 4"), file]),
      transcribe([file, "--", "/nowhere/whisper-cli", file]),
      transcribe([path("gone.wav"), "--", "true"]),
      transcribe([file]),
      transcribe([file, "--often=1", "--", "true"]),
    ];
    expect(await Promise.all(cases)).toEqual([
      { code: 1, said: `${path("bin")}/fails ended with 4\n` },
      { code: 1, said: "/nowhere/whisper-cli cannot be started: No such file or directory\n" },
      { code: 0, said: `${path("gone.wav")} is not here any more\n` },
      { code: 2, said: expect.stringMatching(/^usage: /) },
      { code: 2, said: expect.stringMatching(/^--often=1 is none of --limit, /) },
    ]);
  });
});
