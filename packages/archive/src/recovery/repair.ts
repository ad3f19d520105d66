import type { FileHandle } from "node:fs/promises";
import { planRepair, WAV_HEADER_BYTES, WavError } from "@audio/wav";
import { writeFully } from "../disk/write-fully.js";
import { readWholeFrames } from "./bin-prefix.js";

/** What was done to a file, in place. */
export interface Repair {
  /** Size now; 0 when it holds no audio. */
  readonly bytes: number;
  /** Bytes of audio or frames in it. */
  readonly audioBytes: number;
  /** Bytes cut off its end. */
  readonly cutBytes: number;
  /** Why it is no recording and was not touched. */
  readonly fault?: string;
}

const READ_BYTES = 1_048_576;
const NOTHING = new Uint8Array(0);

/**
 * Cuts the torn end of a WAV in progress and corrects its header.
 * @param metadata makes what is to stand behind so many bytes of audio
 */
export async function repairWav(
  file: FileHandle,
  metadata: (audioBytes: number) => Uint8Array = () => NOTHING,
): Promise<Repair> {
  const { size } = await file.stat();
  if (size < WAV_HEADER_BYTES || (await isUnwritten(file))) return nothing(size);
  const head = Buffer.alloc(WAV_HEADER_BYTES);
  await file.read(head, 0, head.length, 0);
  try {
    const plan = planRepair(head, size);
    if (plan.dataBytes === 0) return nothing(size);
    // Its own metadata is there already if the crash came just before the last rename.
    const isWhole = plan.fileBytes > WAV_HEADER_BYTES + plan.dataBytes;
    const trailer = isWhole ? NOTHING : metadata(plan.dataBytes);
    // Header first: a crash in between leaves no trailer that could be taken for audio.
    await file.truncate(plan.fileBytes);
    await writeFully(file, withTrailer(plan.header, trailer.length), 0);
    await writeFully(file, trailer, plan.fileBytes);
    await file.sync();
    const bytes = plan.fileBytes + trailer.length;
    return { bytes, audioBytes: plan.dataBytes, cutBytes: size - plan.fileBytes };
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    return { bytes: size, audioBytes: 0, cutBytes: 0, fault: error.message };
  }
}

function nothing(size: number): Repair {
  return { bytes: 0, audioBytes: 0, cutBytes: size };
}

// The RIFF size counts everything behind its own 8 bytes.
function withTrailer(header: Uint8Array<ArrayBuffer>, trailerBytes: number): Uint8Array {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  view.setUint32(4, view.getUint32(4, true) + trailerBytes, true);
  return header;
}

/** Cuts a `.bin` in progress behind its last whole frame. */
export async function repairBin(file: FileHandle): Promise<Repair> {
  const { size } = await file.stat();
  if (await isUnwritten(file)) return nothing(size);
  const whole = await readWholeFrames(file);
  if (whole.frames === 0 && !whole.endsTorn) {
    return {
      bytes: size,
      audioBytes: 0,
      cutBytes: 0,
      fault: `not a .bin of this recorder: no frame at byte ${whole.bytes}`,
    };
  }
  const bytes = whole.frames === 0 ? 0 : whole.bytes;
  await file.truncate(bytes);
  await file.sync();
  return { bytes, audioBytes: bytes, cutBytes: size - bytes };
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
