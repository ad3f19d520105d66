// The `fmt ` chunk: WAVEFORMATEX, WAVEFORMATEXTENSIBLE and IMAADPCMWAVEFORMAT (Windows mmreg.h;
// "Multimedia Data Standards Update", 1994, for IMA ADPCM). Every field is checked against the others,
// because the reader's buffer sizes follow from them.
import { WavError } from "./errors.js";

/** Sample encodings that `PcmReader` converts. */
export type WavEncoding = "pcm" | "float" | "alaw" | "mulaw" | "ima-adpcm";

/** How the bytes of the data chunk are to be read. */
export interface SampleLayout {
  readonly encoding: WavEncoding;
  /** Sample frames a second, at least 1. */
  readonly sampleRate: number;
  /** 1 or more; IMA ADPCM: 1 or 2. */
  readonly channels: number;
  /** Width of a stored sample: `pcm` 8, 16, 24, 32; `float` 32, 64; A-law, µ-law 8; IMA ADPCM 4. */
  readonly bitsPerSample: number;
  /** Bytes of a sample frame; IMA ADPCM: of a block. At most 65 535. */
  readonly blockAlign: number;
  /** IMA ADPCM only: sample frames in a full block, the one in the block header included. */
  readonly samplesPerBlock?: number;
}

export const MIN_FMT_BYTES = 16;

const WAVE_FORMAT_EXTENSIBLE = 0xfffe;
const EXTENSIBLE_FMT_BYTES = 40;

/** KSDATAFORMAT_SUBTYPE GUIDs are the format tag followed by these 14 bytes. */
const SUBTYPE_TAIL = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

const ENCODINGS: ReadonlyMap<number, WavEncoding> = new Map([
  [0x0001, "pcm"],
  [0x0003, "float"],
  [0x0006, "alaw"],
  [0x0007, "mulaw"],
  [0x0011, "ima-adpcm"],
]);

/** Stored widths in bits. */
const WIDTHS = { pcm: [8, 16, 24, 32], float: [32, 64], alaw: [8], mulaw: [8] } as const;

/** Format tags people meet, so that the error can name them (RFC 2361 and mmreg.h). */
const OTHER_ENCODINGS: ReadonlyMap<number, string> = new Map([
  [0x0002, "Microsoft ADPCM"],
  [0x0010, "OKI ADPCM"],
  [0x0017, "Dialogic ADPCM"],
  [0x0020, "Yamaha ADPCM"],
  [0x0022, "TrueSpeech"],
  [0x0031, "GSM 6.10"],
  [0x0040, "G.721"],
  [0x0045, "G.726"],
  [0x0050, "MPEG"],
  [0x0055, "MP3"],
  [0x0064, "G.726"],
  [0x0083, "G.729"],
  [0x0092, "S/PDIF"],
  [0x00ff, "AAC"],
  [0x0161, "Windows Media Audio"],
  [0x1610, "AAC"],
  [0x2000, "AC-3"],
  [0x2001, "DTS"],
  [0xf1ac, "FLAC"],
]);

/** Reads the body of a `fmt ` chunk, `size` ≥ 16 bytes at `offset`. */
export function parseFmt(view: DataView, offset: number, size: number): SampleLayout {
  const encoding = parseEncoding(view, offset, size);
  const fields = {
    encoding,
    channels: view.getUint16(offset + 2, true),
    sampleRate: view.getUint32(offset + 4, true),
    blockAlign: view.getUint16(offset + 12, true),
    bitsPerSample: view.getUint16(offset + 14, true),
  };
  if (fields.channels === 0) throw invalid("channels is 0, must be at least 1");
  if (fields.sampleRate === 0) throw invalid("sample rate is 0 Hz, must be at least 1");
  if (encoding !== "ima-adpcm") return checkedFrames(fields, WIDTHS[encoding]);
  const samplesPerBlock = size >= 20 ? view.getUint16(offset + 18, true) : 0;
  return checkedBlocks(fields, samplesPerBlock);
}

function parseEncoding(view: DataView, offset: number, size: number): WavEncoding {
  let tag = view.getUint16(offset, true);
  if (tag === WAVE_FORMAT_EXTENSIBLE) {
    if (size < EXTENSIBLE_FMT_BYTES) {
      throw invalid(`WAVE_FORMAT_EXTENSIBLE "fmt " chunk is ${size} bytes, needs ${EXTENSIBLE_FMT_BYTES}`);
    }
    tag = view.getUint16(offset + 24, true);
    if (SUBTYPE_TAIL.some((byte, i) => view.getUint8(offset + 26 + i) !== byte)) {
      throw unsupported("extensible with an unknown sub-format GUID");
    }
  }
  const encoding = ENCODINGS.get(tag);
  if (encoding !== undefined) return encoding;
  const name = OTHER_ENCODINGS.get(tag);
  const code = `0x${tag.toString(16).padStart(4, "0")}`;
  throw unsupported(name === undefined ? code : `${code} (${name})`);
}

function checkedFrames(fields: SampleLayout, widths: readonly number[]): SampleLayout {
  const { encoding, channels, blockAlign } = fields;
  // An odd PCM width such as 20 bits lies left-justified in the next larger container, so it reads as that
  const bitsPerSample = encoding === "pcm" ? Math.ceil(fields.bitsPerSample / 8) * 8 : fields.bitsPerSample;
  if (!widths.includes(bitsPerSample)) {
    throw new WavError(
      "unsupported-encoding",
      `WAV encoding ${encoding} has ${fields.bitsPerSample} bits per sample, allowed is ${widths.join(", ")}`,
    );
  }
  const frameBytes = (channels * bitsPerSample) / 8;
  if (blockAlign !== frameBytes) {
    throw invalid(
      `block align is ${blockAlign} bytes, ${channels} × ${bitsPerSample} bits need ${frameBytes}`,
    );
  }
  return { ...fields, bitsPerSample };
}

function checkedBlocks(fields: SampleLayout, statedSamples: number): SampleLayout {
  const { channels, bitsPerSample, blockAlign } = fields;
  if (channels > 2) throw invalid(`IMA ADPCM has ${channels} channels, allowed is 1 or 2`);
  if (bitsPerSample !== 4) throw invalid(`IMA ADPCM has ${bitsPerSample} bits per sample, must be 4`);
  const headerBytes = 4 * channels;
  if (blockAlign < headerBytes) {
    throw invalid(`IMA ADPCM block align is ${blockAlign} bytes, block headers need ${headerBytes}`);
  }
  const nibbleBytes = blockAlign - headerBytes;
  // Stereo nibbles come in groups of 8 samples, 4 bytes left and 4 right
  const room = 1 + (channels === 1 ? nibbleBytes * 2 : Math.floor(nibbleBytes / 8) * 8);
  if (statedSamples > room) {
    throw invalid(`IMA ADPCM block of ${blockAlign} bytes claims ${statedSamples} samples, holds ${room}`);
  }
  return { ...fields, samplesPerBlock: statedSamples || room };
}

function invalid(found: string): WavError {
  return new WavError("invalid-header", `invalid WAV header: ${found}`);
}

function unsupported(found: string): WavError {
  return new WavError(
    "unsupported-encoding",
    `WAV encoding ${found} is not one of PCM, float, A-law, µ-law, IMA ADPCM`,
  );
}
