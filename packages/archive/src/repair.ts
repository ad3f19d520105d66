import type { FileHandle } from "node:fs/promises";
import { planRepair, WAV_HEADER_BYTES, WavError } from "@audio/wav";
import { readWholeFrames } from "./bin-prefix.js";

/** What was done to a file, in place. */
export interface Repair {
  /** Size now; 0 when it holds no audio. */
  readonly bytes: number;
  /** Bytes cut off its end. */
  readonly cutBytes: number;
  /** Why it is no recording and was not touched. */
  readonly fault?: string;
}

const READ_BYTES = 1_048_576;

/** Cuts the torn end of a WAV in progress and corrects its header. */
export async function repairWav(file: FileHandle): Promise<Repair> {
  const { size } = await file.stat();
  if (size < WAV_HEADER_BYTES || (await isUnwritten(file))) return { bytes: 0, cutBytes: size };
  const head = Buffer.alloc(WAV_HEADER_BYTES);
  await file.read(head, 0, head.length, 0);
  try {
    const plan = planRepair(head, size);
    await file.truncate(plan.fileBytes);
    await file.write(plan.header, 0, plan.header.length, 0);
    await file.sync();
    const bytes = plan.dataBytes === 0 ? 0 : plan.fileBytes;
    return { bytes, cutBytes: size - bytes };
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    return { bytes: size, cutBytes: 0, fault: error.message };
  }
}

/** Cuts a `.bin` in progress behind its last whole frame. */
export async function repairBin(file: FileHandle): Promise<Repair> {
  const { size } = await file.stat();
  if (await isUnwritten(file)) return { bytes: 0, cutBytes: size };
  const whole = await readWholeFrames(file);
  if (whole.frames === 0 && !whole.endsTorn) {
    return {
      bytes: size,
      cutBytes: 0,
      fault: `not a .bin of this recorder: no frame at byte ${whole.bytes}`,
    };
  }
  const bytes = whole.frames === 0 ? 0 : whole.bytes;
  await file.truncate(bytes);
  await file.sync();
  return { bytes, cutBytes: size - bytes };
}

// Power loss between the creation of a file and its first write leaves zeros, and nothing else.
async function isUnwritten(file: FileHandle): Promise<boolean> {
  const buffer = Buffer.alloc(READ_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at);
    if (bytesRead === 0) return true;
    if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0)) return false;
    at += bytesRead;
  }
}
