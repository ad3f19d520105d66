// WAV files put together by hand, so that the parser meets what our own writer never writes.

export interface FmtFields {
  tag: number;
  channels?: number;
  sampleRate?: number;
  bitsPerSample?: number;
  blockAlign?: number;
  /** Bytes after the 16 of the fixed part. */
  extension?: number[];
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

export function join(...parts: ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** A chunk with its pad byte; `size` makes its size field lie. */
export function chunk(id: string, body: ArrayLike<number>, size = body.length): Uint8Array {
  return join(ascii(id), u32(size), body, body.length % 2 === 1 ? [0] : []);
}

export function fmt(fields: FmtFields): Uint8Array {
  const { tag, channels = 1, sampleRate = 16_000, bitsPerSample = 16, extension = [] } = fields;
  const { blockAlign = (channels * bitsPerSample) / 8 } = fields;
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRate, true);
  view.setUint32(8, sampleRate * blockAlign, true);
  view.setUint16(12, blockAlign, true);
  view.setUint16(14, bitsPerSample, true);
  return chunk("fmt ", join(new Uint8Array(view.buffer), extension));
}

export function riff(chunks: readonly Uint8Array[], container = "RIFF", size?: number): Uint8Array {
  const body = join(...chunks);
  return join(ascii(container), u32(size ?? body.length + 4), ascii("WAVE"), body);
}

/** A whole file of one `fmt ` and one `data` chunk. */
export function wavFile(fields: FmtFields, data: Uint8Array): Uint8Array {
  return riff([fmt(fields), chunk("data", data)]);
}
