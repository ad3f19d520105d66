import { DEFAULT_TEMPLATES } from "@audio/segments";
import type { UploadSettings } from "@audio/upload";
import { type KeeperNote, openKeeper } from "../../src/index.js";

const KEEP_ALL = {
  ...{ maxAgeDays: undefined, maxTotalBytes: undefined, keepFreeBytes: undefined, onlyUploaded: undefined },
  ...{ deleteUnuploadedWhenFull: false, devices: {} },
};

/** A keeper that uploads, in this thread; ends with its scope. */
export function keeperOf(dataDir: string, upload: UploadSettings) {
  const notes: KeeperNote[] = [];
  const settings = {
    dataDir,
    timezone: "UTC",
    upload,
    compression: undefined,
    hooks: [],
    soundEvents: undefined,
    run: "a",
    ...{ retention: KEEP_ALL, minFreeBytes: 0 },
  };
  const keeper = openKeeper(
    { ...settings, paths: DEFAULT_TEMPLATES },
    { note: (note) => notes.push(note), broken: (error) => Promise.reject(error) },
  );
  return { keeper, notes, [Symbol.asyncDispose]: () => keeper.close() };
}
