/** Every package as it would be published: packed, installed into an empty folder, imported, and its programs run. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/receiver/test/support/waiting.js";
import { exportedFiles, publishedPackages } from "../scripts/packages.mjs";
import { EmptyFolder, type Ended, ended } from "./packed/empty-folder.js";

const ROOT = join(import.meta.dirname, "..");
const SPEECH = join(ROOT, "examples/data/speech.wav");
const WAV_HEADER_BYTES = 44;
const SHIPPED = ["LICENSE", "README.md", "bin", "config.schema.json", "dist", "package.json", "src"];

const packages = publishedPackages(ROOT);
const folder = new EmptyFolder();

beforeAll(() => folder.install(), 180_000);
afterAll(() => folder.remove());

describe.each(packages)("$manifest.name", ({ folder: home, manifest }) => {
  const installed = (...names: string[]) => folder.file("node_modules", manifest.name, ...names);
  const files = () => readdirSync(installed(), { recursive: true, encoding: "utf8" });

  /** A declaration that an older build has left in this checkout: its source is gone. */
  const isLeft = (path: string) => {
    const source = join(ROOT, home, path.replace(/^dist/, "src").replace(/\.d\.ts$/, ""));
    return path.endsWith(".d.ts") && !existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`);
  };

  it("holds what it needs, and nothing else", () => {
    const parts = readdirSync(installed()).filter((name) => name !== "node_modules"); // npm puts some there
    expect(parts.filter((name) => !SHIPPED.includes(name))).toEqual([]);
    expect(parts).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist", "package.json"]));
    const needed = [...exportedFiles(manifest.exports), ...Object.values(manifest.bin ?? {})];
    expect(needed.filter((path) => !existsSync(installed(path)))).toEqual([]);
  });

  it("has source maps that lead to sources", () => {
    const compiled = files().filter((path) => /\.(js|css|d\.ts)$/.test(path) && path.startsWith("dist"));
    const lost = compiled
      .filter((path) => !isLeft(path))
      .flatMap((path) => {
        const map = /^\/\/# sourceMappingURL=(\S+)$/m.exec(readFileSync(installed(path), "utf8"))?.[1];
        return map === undefined ? [] : sourcesWithout(installed(dirname(path), map));
      });
    expect(lost).toEqual([]);
  });
});

/** The sources of a map that are neither in it nor beside it; the map itself if it is not there. */
function sourcesWithout(map: string): string[] {
  if (!existsSync(map)) return [map];
  const { sources, sourcesContent } = JSON.parse(readFileSync(map, "utf8")) as {
    sources: string[];
    sourcesContent?: (string | null)[];
  };
  return sources.filter(
    (source, index) => !sourcesContent?.[index] && !existsSync(join(dirname(map), source)),
  );
}

/** What a program imports: `@audio/api`, `@audio/api/client`… Threads are started, not imported. */
const entries = packages.flatMap(({ manifest: { name, exports } }) =>
  Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([entry]) => name + entry.slice(1)),
);

describe("in a program", () => {
  async function namesOf(words: string[], program: string): Promise<Record<string, number>> {
    const outcome = await folder.run(process.execPath, [...words, "--eval", program]);
    expect(outcome).toMatchObject({ code: 0, errors: "" });
    return JSON.parse(outcome.output) as Record<string, number>;
  }

  it("every entry is imported, and required", async () => {
    const loaded = (load: string) =>
      `const names = {};
       for (const entry of ${JSON.stringify(entries)}) names[entry] = Object.keys(${load}(entry)).length;
       console.log(JSON.stringify(names));`;
    const imported = await namesOf(["--input-type=module"], loaded("await import"));
    expect(Object.keys(imported)).toEqual(entries);
    expect(Object.values(imported)).not.toContain(0);
    expect(await namesOf(["--input-type=commonjs"], loaded("require"))).toEqual(imported);
  });
});

interface Ready {
  readonly pid: number;
  readonly ws: string;
  readonly web: string;
}

/** `npx audio-receiver serve` on free ports, while `work` is done. */
async function whileServing(work: (ready: Ready) => Promise<void>): Promise<Ended> {
  const readyFile = folder.file("ready.json");
  const ports = ["--ws-port=0", "--tcp-port=0", "--web-port=0", "--host=127.0.0.1", "--min-free-mb=0"];
  const words = ["audio-receiver", "serve", ...ports, `--ready-file=${readyFile}`];
  const child = folder.start("npx", words, { WEB_UI_PASSWORD: "open sesame" });
  const outcome = ended(child);
  await until("the ready file", () => existsSync(readyFile) || child.exitCode !== null, 30_000);
  if (child.exitCode !== null) throw new Error(`no start: ${JSON.stringify(await outcome)}`);
  const ready = JSON.parse(readFileSync(readyFile, "utf8")) as Ready;
  try {
    await work(ready);
  } finally {
    process.kill(ready.pid, "SIGTERM");
  }
  return outcome;
}

/** The audio of every WAV below `data/received`, in the order of their names. */
function recordedAudio(): Buffer {
  const received = folder.file("data/received");
  const paths = readdirSync(received, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".wav"))
    .sort();
  return Buffer.concat(paths.map((path) => audioOf(readFileSync(join(received, path)))));
}

/** The samples' bytes: metadata chunks stand behind them. */
function audioOf(wav: Buffer): Buffer {
  return wav.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + wav.readUInt32LE(40));
}

describe("on the command line", () => {
  it("npx says versions and helps", async () => {
    const told = {
      code: 0,
      output: `${packages[0].manifest.version}
`,
    };
    expect(await folder.run("npx", ["audio-receiver", "--version"])).toMatchObject(told);
    expect(await folder.run("npx", ["audio-stream", "--version"])).toMatchObject(told);
    const help = await folder.run("npx", ["audio-receiver", "--help"]);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining("serve [options]") });
  });

  it("npx audio-receiver serve shows its pages and records what npx audio-stream sends", async () => {
    const served = await whileServing(async ({ ws, web }) => {
      await expectPages(web);
      const words = ["audio-stream", "--wav", SPEECH, "--codec", "pcm", "--url", `${ws}/ws`];
      const sent = await folder.run("npx", words);
      expect(sent).toMatchObject({ code: 0, output: expect.stringContaining("all acknowledged") });
    });
    expect(served).toMatchObject({ code: 0 });
    const spoken = audioOf(readFileSync(SPEECH));
    expect(recordedAudio().equals(spoken)).toBe(true);
  });

  async function expectPages(web: string): Promise<void> {
    expect((await fetch(web)).status).toBe(401);
    const authorization = `Basic ${Buffer.from("admin:open sesame").toString("base64")}`;
    const page = await fetch(web, { headers: { authorization } });
    expect(page.status).toBe(200);
    const [, script] = /<script[^>]* src="\.?\/?(assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
    const answer = await fetch(new URL(script, `${web}/`), { headers: { authorization } });
    expect(answer.headers.get("content-type")).toContain("javascript");
    expect((await answer.text()).length).toBeGreaterThan(0);
  }
});
