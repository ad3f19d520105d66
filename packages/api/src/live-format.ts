/**
 * First message of a live stream, as text: what the frames behind it are. It comes again before frames whose nibbles
 * are packed the other way, which is found out while a stream is heard.
 */
export interface LiveFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  /** Sample frames in a frame, at most: what a decoder finds beyond in a block of ADPCM is padding. */
  readonly frameSamples: number;
  /** Of the frames' payloads: little-endian PCM, or a block of IMA ADPCM. */
  readonly codec: "pcm16" | "ima-adpcm";
  /** Order of the nibbles of ADPCM. */
  readonly nibbleOrder: "low" | "high";
}
