import { lstat } from "node:fs/promises";
import { parseMetadata, parseWavHeader, type RecordingMetadata, WavError, type WavHeader } from "@audio/wav";
import { CompressError } from "./errors.js";
import { type FileWindow, MAX_COMMENT_BYTES, withFile } from "./tags/file-window.js";

/** A finished WAV file and where its samples lie. */
export interface WavRecording {
  readonly path: string;
  readonly fileBytes: number;
  /** Tells whether the file is still the one that was read. */
  readonly identity: string;
  readonly dataOffset: number;
  readonly dataBytes: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: 16 | 24 | 32;
  /** Sample frames. */
  readonly samples: number;
  /** What the file says about itself. */
  readonly metadata: RecordingMetadata | undefined;
}

/** More than this before the samples is no header: `parseWavHeader` refuses it. */
const MAX_FRONT_BYTES = 1_048_576;
const USUAL_FRONT_BYTES = 4096;

/** @throws CompressError `file-unreadable`, `invalid-wav`, `empty-audio`, `unsupported-format` */
export function readWavRecording(path: string): Promise<WavRecording> {
  return withFile(path, async (file) => {
    const identity = await identityOf(path);
    const header = await readHeader(file);
    const { dataOffset, dataBytes, sampleRate, channels } = header;
    const bitsPerSample = checkHeader(file, header);
    const chunks = await file.read(dataOffset + dataBytes, MAX_COMMENT_BYTES);
    return {
      path,
      fileBytes: file.size,
      identity,
      dataOffset,
      dataBytes,
      sampleRate,
      channels,
      bitsPerSample,
      samples: dataBytes / header.blockAlign,
      metadata: parseMetadata(chunks),
    };
  });
}

/** Changes when the file at `path` is written or replaced. */
export async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await lstat(path, { bigint: true });
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

async function readHeader(file: FileWindow): Promise<WavHeader> {
  try {
    for (const bytes of [USUAL_FRONT_BYTES, MAX_FRONT_BYTES]) {
      const header = parseWavHeader(await file.read(0, bytes));
      if (header !== undefined) return header;
    }
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    const code = error.code === "unsupported-encoding" ? "unsupported-format" : "invalid-wav";
    throw new CompressError(code, `${file.path}: ${error.message}`, { cause: error });
  }
  throw new CompressError("invalid-wav", `${file.path} ends before its samples begin`);
}

function checkHeader(file: FileWindow, header: WavHeader): 16 | 24 | 32 {
  const { encoding, bitsPerSample, channels, dataOffset, dataBytes, blockAlign } = header;
  if (dataOffset + dataBytes > file.size) {
    throw new CompressError(
      "invalid-wav",
      `${file.path} is cut: its header claims ${dataBytes} bytes of audio, ${file.size - dataOffset} are there`,
    );
  }
  if (dataBytes === 0) throw new CompressError("empty-audio", `${file.path} holds no sample`);
  if (encoding !== "pcm" || bitsPerSample === 8 || channels > 8) {
    throw new CompressError(
      "unsupported-format",
      `${file.path} is ${encoding}, ${bitsPerSample} bits, ${channels} channels; allowed is PCM of 16, 24 or 32 bits and up to 8 channels`,
    );
  }
  if (dataBytes % blockAlign === 0) return bitsPerSample as 16 | 24 | 32;
  throw new CompressError(
    "invalid-wav",
    `${file.path} has ${dataBytes} bytes of audio, not a whole number of ${blockAlign}-byte sample frames`,
  );
}
