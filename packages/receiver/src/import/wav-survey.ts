import {
  formatMetadata,
  formatWavHeader,
  MAX_WAV_BYTES,
  type PcmFormat,
  parseMetadata,
  parseWavHeader,
  type RecordingMetadata,
  type WavHeader,
} from "@audio/wav";

/** A file, or what is known of one: bytes at a place, fewer where it ends. */
export interface Readable {
  readonly size: number;
  read(position: number, length: number): Promise<Buffer>;
}

/** What an old WAV holds, whatever its header says. */
export interface WavSurvey {
  readonly header: WavHeader;
  /** Bytes of audio from `header.dataOffset` on, in whole sample frames or blocks. */
  readonly audioBytes: number;
  /** Where what is worth keeping ends: behind the audio, or behind chunks that follow it. */
  readonly end: number;
  readonly samples: number;
  /** Our own metadata, if a receiver of this kind has written it. */
  readonly metadata: RecordingMetadata | undefined;
  /** What is wrong with it; the copy is put right. */
  readonly damage: string | undefined;
  /** Whether metadata can be put behind the audio. */
  readonly takesMetadata: boolean;
}

/** A piece of a copy: bytes of ours, or a range of the old file. */
export type Piece = Uint8Array | { readonly from: number; readonly to: number };

const HEAD_BYTES = 4096;
const LONGEST_HEAD_BYTES = 1_048_576;
const TAIL_BYTES = 1_048_576;

/**
 * Looks at the header and the end of a WAV, at most 2 MiB of it.
 * @returns a text that says why it cannot be taken
 * @throws WavError
 */
export async function surveyWav(file: Readable): Promise<WavSurvey | string> {
  const head = await file.read(0, HEAD_BYTES);
  const header = parseWavHeader(head) ?? parseWavHeader(await file.read(0, LONGEST_HEAD_BYTES));
  if (header === undefined) return `ends in its header, at byte ${file.size}`;
  const { damage, audioBytes, end } = await measure(file, header, head.readUInt32LE(4) + 8);
  if (audioBytes === 0) return "holds no audio";
  const isPcm = header.encoding === "pcm" && header.bitsPerSample >= 16;
  const isRiff = head.toString("latin1", 0, 4) === "RIFF";
  if (damage !== undefined && !isPcm)
    return `${damage}; it is no 16, 24 or 32-bit PCM, so that it is not put right here`;
  const samples = (audioBytes / header.blockAlign) * (header.samplesPerBlock ?? 1);
  const found = parseMetadata(await file.read(header.dataOffset + audioBytes, TAIL_BYTES));
  const isOurs = found?.samples === samples && found.sampleRate === header.sampleRate;
  const metadata = isOurs ? found : undefined;
  return { header, audioBytes, end, samples, metadata, damage, takesMetadata: isPcm && isRiff };
}

interface Measured {
  readonly audioBytes: number;
  readonly end: number;
  readonly damage: string | undefined;
}

async function measure(file: Readable, header: WavHeader, riffEnd: number): Promise<Measured> {
  const { dataOffset, dataBytes } = header;
  const there = Math.max(0, file.size - dataOffset);
  const dataEnd = dataOffset + dataBytes;
  const all = (damage: string) => wholeFrames(header, there, damage);
  if (dataBytes === Number.POSITIVE_INFINITY) return all("its header does not say how much audio follows");
  if (dataBytes > there) return all(`its header claims ${dataBytes} bytes of audio, ${there} are there`);
  const rest = await file.read(dataEnd + (dataBytes & 1), 8);
  // A program that writes the header again now and then, and was killed in between.
  if (rest.length > 0 && riffEnd <= dataEnd + 1 && !isChunk(rest, file.size - dataEnd))
    return all(`its header claims ${dataBytes} bytes of audio, ${there} are there`);
  const hasChunks = riffEnd > dataEnd + 1 && riffEnd <= file.size;
  const { audioBytes } = wholeFrames(header, dataBytes, undefined);
  return { audioBytes, end: hasChunks ? riffEnd : dataEnd, damage: undefined };
}

function wholeFrames(
  { dataOffset, blockAlign }: WavHeader,
  bytes: number,
  damage: string | undefined,
): Measured {
  const audioBytes = bytes - (bytes % blockAlign);
  return { audioBytes, end: dataOffset + audioBytes, damage };
}

// Four letters and a length that fits: audio looks so once in some millions of files.
function isChunk(bytes: Buffer, room: number): boolean {
  return (
    bytes.length === 8 && /^[ -~]{4}$/.test(bytes.toString("latin1", 0, 4)) && bytes.readUInt32LE(4) <= room
  );
}

/** What the copy is made of: the file as it is, or put right, with `metadata` behind it if there is room. */
export function piecesOf(survey: WavSurvey, metadata: RecordingMetadata | undefined): Piece[] {
  const { damage, header, audioBytes, end, takesMetadata } = survey;
  const isWanted = takesMetadata && metadata !== undefined;
  const trailer = isWanted ? formatMetadata(metadata, end & 1) : new Uint8Array(0);
  const fits = end + trailer.length <= MAX_WAV_BYTES;
  if (damage !== undefined) return repaired(header, audioBytes, fits ? trailer : new Uint8Array(0));
  if (trailer.length === 0 || !fits) return [{ from: 0, to: end }];
  const size = Buffer.alloc(4);
  size.writeUInt32LE(end + trailer.length - 8);
  return [{ from: 0, to: 4 }, size, { from: 8, to: end }, trailer];
}

function repaired(header: WavHeader, audioBytes: number, trailer: Uint8Array): Piece[] {
  const { dataOffset, sampleRate, channels } = header;
  const format: PcmFormat = { sampleRate, channels, bitsPerSample: header.bitsPerSample as 16 | 24 | 32 };
  const audio = { from: dataOffset, to: dataOffset + audioBytes };
  return [formatWavHeader(format, audioBytes, trailer.length), audio, trailer];
}

/** Bytes of all pieces. */
export function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + ("from" in piece ? piece.to - piece.from : piece.length), 0);
}
