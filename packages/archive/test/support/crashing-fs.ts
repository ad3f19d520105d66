import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type FileSystem, systemFs } from "../../src/disk/file-system.js";

type Call = (...args: unknown[]) => void;
type Done = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;

/** A file that was written to. */
interface Written {
  path: string;
  bytes: number;
  /** Bytes that an fsync has covered; undefined: not even its name. */
  durableBytes: number | undefined;
}

/** What a power loss makes of what no fsync has covered; `share` of it stays. */
export interface Loss {
  readonly kind: "kept" | "cut" | "zeroed" | "deleted";
  readonly share: number;
}

/** The machine's disk; it can stand still at any moment, as at a crash, and knows what was synced by then. */
export class CrashingFs {
  readonly fs: FileSystem;
  readonly #files = new Map<number, Written>();
  #underWay = 0;
  #thaw: (() => void) | undefined;
  #thawed: Promise<void> | undefined;
  #onStill: (() => void) | undefined;

  constructor() {
    const wrapped = Object.entries(systemFs)
      .filter(([name]) => NAMES.includes(name))
      .map(([name, call]) => [name, this.#wrap(name, call as Call)]);
    this.fs = Object.fromEntries(wrapped) as FileSystem;
  }

  /** Holds every call from now on; resolves when none is under way. */
  async freeze(): Promise<void> {
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
    if (this.#underWay > 0)
      await new Promise<void>((resolve) => {
        this.#onStill = resolve;
      });
  }

  thaw(): void {
    this.#thawed = undefined;
    this.#thaw?.();
  }

  /** Copies `from` as it stands; unfinished files lose what was not synced as `loss` says. */
  copy(from: string, to: string, loss: (path: string) => Loss): void {
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory() || entry.name.startsWith("receiver.lock")) continue;
      const path = join(entry.parentPath, entry.name);
      const copy = join(to, path.slice(from.length + 1));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(path, copy);
      const written = [...this.#files.values()].find((file) => file.path === path);
      if (written !== undefined && /\.(part|log)$/.test(path)) damage(copy, written, loss(path));
    }
  }

  #wrap(name: string, call: Call): Call {
    return (...args) => {
      if (this.#thawed !== undefined) return void this.#thawed.then(() => call(...args));
      this.#underWay++;
      const done = args.at(-1) as Done;
      const bytes = this.#files.get(args[0] as number)?.bytes ?? 0;
      call(...args.slice(0, -1), (error: NodeJS.ErrnoException | null, ...results: unknown[]) => {
        if (error === null) this.#note(name, args, results, bytes);
        if (--this.#underWay === 0) this.#onStill?.();
        done(error, ...results);
      });
    };
  }

  #note(name: string, args: readonly unknown[], results: readonly unknown[], bytesBefore: number): void {
    const file = this.#files.get(args[0] as number);
    if (name === "open")
      this.#files.set(results[0] as number, { path: String(args[0]), bytes: 0, durableBytes: undefined });
    else if (name === "rename") {
      for (const other of this.#files.values()) if (other.path === args[0]) other.path = String(args[1]);
    } else if (file === undefined) return;
    else if (name === "fsync") file.durableBytes = Math.max(bytesBefore, file.durableBytes ?? 0);
    else if (name.startsWith("write")) {
      const position = (name === "write" ? args[4] : args[2]) as number;
      file.bytes = Math.max(file.bytes, position + (results[0] as number));
    }
  }
}

const NAMES = [
  "open",
  "read",
  "fstat",
  "write",
  "writev",
  "ftruncate",
  "fsync",
  "close",
  "rename",
  "mkdir",
  "access",
  "unlink",
  "statfs",
];

function damage(path: string, { durableBytes }: Written, { kind, share }: Loss): void {
  const content = readFileSync(path);
  const durable = durableBytes ?? 0;
  const kept = durable + Math.floor(Math.max(0, content.length - durable) * share);
  if (kind === "deleted" && durableBytes === undefined) rmSync(path);
  else if (kind === "cut") truncateSync(path, kept);
  else if (kind === "zeroed") writeFileSync(path, content.fill(0, kept));
}
