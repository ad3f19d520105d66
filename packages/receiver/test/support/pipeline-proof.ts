/** What must hold of a data directory and a bucket, whatever killed the receiver in between. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCatalogue, type Segment } from "@audio/archive";
import { decodeAudio } from "@audio/compress";
import { expect } from "vitest";
import { audioReceiver } from "./command.js";
import type { PersistentDevice } from "./persistent-device.js";
import type { PipelineScene } from "./pipeline-scene.js";
import { filesBelow, readRecording } from "./recordings.js";

/** Fails unless there is audio for each of these, here or in the store. */
export async function expectNothingLost(scene: PipelineScene, known: ReadonlySet<string>): Promise<void> {
  const there = await scene.stems();
  expect(
    [...known].filter((stem) => !there.has(stem)),
    "complete once, and nowhere now",
  ).toEqual([]);
}

/** Fails unless the catalogue says of files and objects exactly what is there, with their sizes. */
export async function expectCatalogued(scene: PipelineScene): Promise<Segment[]> {
  const catalogue = openCatalogue(scene.dataDir);
  const segments = [...catalogue.segments.each()];
  catalogue.close();
  const all = segments.flatMap(({ stem, forms }) =>
    forms.map((form) => ({ name: `${stem}.${form.form}`, ...form })),
  );
  const local = all.filter((form) => form.local).map(({ name }) => name);
  expect(local.sort(), "local files").toEqual(await scene.recordings());
  const remote = all.flatMap((form) =>
    form.remote === undefined ? [] : [[form.remote.key, form.bytes] as const],
  );
  expect(remote.sort(byKey), "objects").toEqual([...(await scene.objects())].sort(byKey));
  return segments;
}

function byKey([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

/** Fails if a file in progress is left, or an object was stored under a second key. */
export async function expectTidy(scene: PipelineScene): Promise<void> {
  expect((await filesBelow(scene.dataDir)).filter((name) => /part|tmp|quarantine|broken/.test(name))).toEqual(
    [],
  );
}

/** Fails if something was stored under another key than its first, which says that it was there already. */
export async function expectStoredOnce(scene: PipelineScene, segments: readonly Segment[]): Promise<void> {
  const keys = new Set(segments.flatMap(({ stem, forms }) => forms.map(({ form }) => `${stem}.${form}`)));
  expect([...(await scene.objects()).keys()].filter((key) => !keys.has(key))).toEqual([]);
}

/** Fails unless each segment was told, and always with the same id. */
export function expectTold(scene: PipelineScene, segments: readonly Segment[]): void {
  for (const by of ["web", "program"] as const) {
    const told = scene.told(by);
    expect([...told.keys()].sort(), by).toEqual(segments.map(({ stem }) => stem).sort());
    const several = [...told].filter(([, ids]) => ids.size > 1);
    expect(several, `${by}: another id on a repeat`).toEqual([]);
  }
}

/** The audio of a segment in every form that there is; fails unless they are the same. */
async function audioOf(scene: PipelineScene, segment: Segment): Promise<Buffer> {
  const found: Buffer[] = [];
  for (const { form, local, remote } of segment.forms) {
    if (form === "bin") continue;
    const path = join(scene.dataDir, `${segment.stem}.${form}`);
    if (local) found.push(await pcmOf(path, segment));
    if (remote === undefined) continue;
    const object = await scene.object(remote.key);
    if (local) expect(object.equals(await readFile(path)), `${remote.key}: file and object`).toBe(true);
    else {
      const copy = join(scene.path, `object.${form}`);
      await writeFile(copy, object);
      found.push(await pcmOf(copy, segment));
    }
  }
  for (const pcm of found) expect(pcm.equals(found[0]), `${segment.stem}: its forms`).toBe(true);
  return found[0];
}

async function pcmOf(path: string, { channels, sampleRate }: Segment): Promise<Buffer> {
  if (path.endsWith(".wav")) return (await readRecording(path)).data;
  const format = { format: "flac", channels, sampleRate, bitsPerSample: 16 } as const;
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAudio("ffmpeg", path, format)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Fails unless the device's segments are what it sent: all of it if it was acknowledged, else from its beginning on. */
export async function expectAudio(
  scene: PipelineScene,
  { name, audio, isAcknowledged }: PersistentDevice,
  segments: readonly Segment[],
): Promise<void> {
  const own = segments.filter(({ device }) => device === name);
  const parts: Buffer[] = [];
  for (const segment of own) parts.push(await audioOf(scene, segment));
  const whole = Buffer.concat(parts);
  if (isAcknowledged) expect(whole.length, `${name}: length of the audio`).toBe(audio.length);
  expect(whole.equals(audio.subarray(0, whole.length)), `${name}: every sample`).toBe(true);
}

/** Fails unless `export` gives what the device sent. */
export async function expectExported(scene: PipelineScene, { name, audio }: PersistentDevice): Promise<void> {
  const out = join(scene.path, `${name}.wav`);
  const words = ["export", "--device", name, "--from", "-1h", "--gaps", "cut", "--out", out, "--json"];
  const { code, stderr, stdout } = await audioReceiver(words, { cwd: scene.path, env: scene.env });
  expect([code, stderr], stdout).toEqual([0, ""]);
  const { data } = await readRecording(out);
  expect(data.length, `${name}: exported (${stdout})`).toBe(audio.length);
  expect(data.equals(audio), `${name}: every sample exported`).toBe(true);
}
