import { parseWavHeader, type WavHeader } from "@audio/wav";
import { reasonOf, StreamError } from "../errors.js";
import { type ByteSource, openFile } from "./bytes.js";
import { decode, type PcmSource } from "./pcm.js";

/** A file read flat out: 64 KiB is 2 s of 16 kHz mono, enough that a read costs nothing beside its frames. */
const CHUNK_BYTES = 65_536;

/**
 * Opens a WAV file: 8/16/24/32-bit integers, float, A-law, µ-law or IMA ADPCM, any rate, converted to 16 bits on the
 * way. Reads it in pieces of 64 KiB.
 *
 * @throws StreamError `input-unreadable`: no such file, no WAV, or an encoding that is none of these.
 */
export async function openWavFile(path: string, chunkBytes: number = CHUNK_BYTES): Promise<PcmSource> {
  return readWav(await openFile(path, chunkBytes));
}

/** Reads a WAV's header from the front of `bytes`; closes `bytes` if there is none. */
export async function readWav(bytes: ByteSource): Promise<PcmSource> {
  try {
    const { header, rest } = await readHeader(bytes);
    return decode(bytes, header, rest);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function readHeader(bytes: ByteSource): Promise<{ header: WavHeader; rest: Uint8Array | undefined }> {
  let front = new Uint8Array(0);
  for (let chunk = await bytes.read(); chunk !== undefined; chunk = await bytes.read()) {
    front = joined(front, chunk);
    const header = parse(front, bytes.name);
    if (header !== undefined) {
      const rest = front.subarray(header.dataOffset);
      return { header, rest: rest.length > 0 ? rest : undefined };
    }
  }
  const found =
    front.length === 0 ? "it is empty" : `it ends after ${front.length} bytes, inside the WAV header`;
  throw new StreamError("input-unreadable", `cannot read ${bytes.name}: ${found}`);
}

function parse(front: Uint8Array, name: string): WavHeader | undefined {
  try {
    return parseWavHeader(front);
  } catch (error) {
    throw new StreamError("input-unreadable", `cannot read ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

function joined(front: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(front.length + chunk.length);
  whole.set(front);
  whole.set(chunk, front.length);
  return whole;
}
