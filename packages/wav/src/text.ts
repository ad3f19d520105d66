// Text in metadata chunks. The library is ES2022 without DOM, so there is no TextEncoder.

/** Printable ASCII; every other character becomes "?". */
export function toAscii(text: string): string {
  return text.replace(/[^ -~]/gu, "?");
}

/** UTF-8 (RFC 3629) without control characters, which would end or break a line of metadata. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) appendUtf8(bytes, character.codePointAt(0)!);
  return Uint8Array.from(bytes);
}

function appendUtf8(bytes: number[], codePoint: number): void {
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  const c = isSurrogate ? 0xfffd : Math.max(codePoint, 0x20);
  if (c < 0x80) bytes.push(c);
  else if (c < 0x800) bytes.push(0xc0 | (c >> 6), continuation(c));
  else if (c < 0x10000) bytes.push(0xe0 | (c >> 12), continuation(c >> 6), continuation(c));
  else bytes.push(0xf0 | (c >> 18), continuation(c >> 12), continuation(c >> 6), continuation(c));
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** JSON in ASCII only: everything else is escaped, so that it survives tools of any character set. */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Bytes as characters U+0000 … U+00FF. */
export function decodeLatin1(bytes: Uint8Array): string {
  const pieceBytes = 8192; // as many arguments as every engine takes in one call
  let text = "";
  for (let i = 0; i < bytes.byteLength; i += pieceBytes) {
    text += String.fromCharCode(...bytes.subarray(i, i + pieceBytes));
  }
  return text;
}

/** Digits padded with zeros: `padded(7, 2)` is "07". */
export function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
