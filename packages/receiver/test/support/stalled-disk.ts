import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { write, writev } = fs;

/** A disk that takes nothing until `resume`: every write of this process waits. */
export function stallDisk(): { resume: () => void } {
  const waiting: (() => void)[] = [];
  const held =
    <Args extends unknown[]>(call: (...args: Args) => void) =>
    (...args: Args) => {
      waiting.push(() => call(...args));
    };
  fs.write = held(write as (...args: unknown[]) => void) as typeof fs.write;
  fs.writev = held(writev as (...args: unknown[]) => void) as typeof fs.writev;
  syncBuiltinESMExports();
  return {
    resume() {
      restoreDisk();
      for (const call of waiting.splice(0)) call();
    },
  };
}

/** Ends every stall; what still waits is never done. */
export function restoreDisk(): void {
  fs.write = write;
  fs.writev = writev;
  syncBuiltinESMExports();
}
