// Writes the corpus: node test/corpus/make.mjs [--check]   (see README.md)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bins, strangers, wavs } from "./files.mjs";
import { datagrams, frames, handshakes, websockets } from "./streams.mjs";

const KINDS = {
  handshake: handshakes,
  frames,
  websocket: websockets,
  datagram: datagrams,
  wav: wavs,
  bin: bins,
  stranger: strangers,
};
const FOLDER = import.meta.dirname;

/** Path below this folder and content, of every file that should be here. */
const wanted = new Map(
  Object.entries(KINDS).flatMap(([kind, entries]) =>
    Object.entries(entries).map(([name, bytes]) => [join(kind, `${name}.bin`), Buffer.from(bytes)]),
  ),
);
const there = Object.keys(KINDS)
  .filter((kind) => existsSync(join(FOLDER, kind)))
  .flatMap((kind) => readdirSync(join(FOLDER, kind)).map((name) => join(kind, name)));

const stale = there.filter((path) => !wanted.has(path));
const changed = [...wanted].filter(
  ([path, bytes]) => !there.includes(path) || !readFileSync(join(FOLDER, path)).equals(bytes),
);

if (process.argv.includes("--check")) {
  const names = [...stale, ...changed.map(([path]) => path)];
  console.log(
    names.length === 0 ? "the corpus is up to date" : `run node test/corpus/make.mjs: ${names.join(", ")}`,
  );
  process.exitCode = names.length === 0 ? 0 : 1;
} else {
  for (const path of stale) rmSync(join(FOLDER, path));
  for (const kind of Object.keys(KINDS)) mkdirSync(join(FOLDER, kind), { recursive: true });
  for (const [path, bytes] of changed) writeFileSync(join(FOLDER, path), bytes);
  console.log(`${wanted.size} files, ${changed.length} written, ${stale.length} removed`);
}
