/** First message of a live stream: what the frames behind it are. */
export interface LiveFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
  /** Of the frames' payloads: little-endian PCM, or a block of IMA ADPCM. */
  readonly codec: "pcm16" | "ima-adpcm";
  /** Order of the nibbles of ADPCM. */
  readonly nibbleOrder: "low" | "high";
}
