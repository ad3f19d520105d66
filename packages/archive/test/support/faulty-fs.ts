import { type FileSystem, systemFs } from "../../src/disk/file-system.js";

type Call = (...args: unknown[]) => void;
type Callback = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;

/** What a call is to do instead: fail with a code, wait, or take only some bytes. */
export type Fault =
  | { readonly code: string }
  | { readonly until: Promise<unknown> }
  | { readonly bytes: number };

/** The machine's disk, on which the test makes calls fail, wait or fall short. */
export class FaultyFs {
  readonly fs: FileSystem;
  readonly calls: string[] = [];
  /** Asked at every call; the second argument is a path or a descriptor. */
  fault: (call: string, target: unknown) => Fault | undefined = () => undefined;

  constructor() {
    const entries = Object.entries(systemFs).filter(([name]) => NAMES.includes(name));
    this.fs = Object.fromEntries(
      entries.map(([name, call]) => [name, this.#wrap(name, call as Call)]),
    ) as unknown as FileSystem;
  }

  #wrap(name: string, call: Call): Call {
    return (...args) => {
      const fault = this.fault(name, args[0]);
      this.calls.push(name);
      const done = args.at(-1) as Callback;
      if (fault === undefined) call(...args);
      else if ("code" in fault)
        setImmediate(() => done(Object.assign(new Error(`${fault.code}: ${name}`), { code: fault.code })));
      else if ("until" in fault) void fault.until.then(() => call(...args));
      else writeShort(call, args, fault.bytes);
    };
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

// write(fd, bytes, offset, length, position, done) or writev(fd, buffers, position, done), as a write of the front.
function writeShort(call: Call, args: readonly unknown[], bytes: number): void {
  const done = args.at(-1);
  if (!Array.isArray(args[1]))
    return call(args[0], args[1], 0, Math.min(bytes, args[3] as number), args[4], done);
  const front = Buffer.concat(args[1] as Uint8Array[]).subarray(0, bytes);
  systemFs.write(args[0] as number, front, 0, front.length, args[2] as number, done as () => void);
}

/** A promise that the test fulfils. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
