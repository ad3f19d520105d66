// ITU-T G.711 (11/88) companded speech, one byte a sample: sign, 3-bit segment, 4-bit interval. The expansion
// below yields the decision intervals' midpoints (tables 1a/1b, 2a/2b) on the standard's 13- and 14-bit scales,
// left-justified in 16 bits.
import type { SampleConverter } from "./linear.js";

/** Even bits of an A-law byte are inverted on the line (G.711, table 1a, note 2). */
const A_LAW_MASK = 0x55;

/** µ-law's bias of 33 on its 14-bit scale, in 16 bits. */
const MU_LAW_BIAS = 33 << 2;

function expandALaw(byte: number): number {
  const code = byte ^ A_LAW_MASK;
  const segment = (code >> 4) & 7;
  const midpoint = ((code & 15) << 4) + 8;
  const magnitude = segment === 0 ? midpoint : (midpoint + 256) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

function expandMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const segment = (code >> 4) & 7;
  const magnitude = ((((code & 15) << 3) + MU_LAW_BIAS) << segment) - MU_LAW_BIAS;
  return code & 0x80 ? -magnitude : magnitude;
}

function tableOf(expand: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => expand(byte));
}

const A_LAW = tableOf(expandALaw);
const MU_LAW = tableOf(expandMuLaw);

export const convertALaw: SampleConverter = (bytes, start, end, out, outStart) => {
  const table = A_LAW;
  for (let i = start, o = outStart; i < end; i++, o++) out[o] = table[bytes[i]];
};

export const convertMuLaw: SampleConverter = (bytes, start, end, out, outStart) => {
  const table = MU_LAW;
  for (let i = start, o = outStart; i < end; i++, o++) out[o] = table[bytes[i]];
};
