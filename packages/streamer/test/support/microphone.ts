import { setTimeout as delay } from "node:timers/promises";
import type { PcmSource } from "../../src/source/pcm.js";

/** Opens a live 16 kHz input that says these samples in pieces of `pieceSamples`, one every `pieceMs`. */
export function microphone(pcm: Int16Array, pieceMs: number, pieceSamples = 320): () => Promise<PcmSource> {
  return async () => {
    let at = 0;
    return {
      name: "microphone",
      sampleRate: 16_000,
      channels: 1,
      live: true,
      read: async () => {
        await delay(pieceMs);
        const piece = pcm.subarray(at, at + pieceSamples);
        at += piece.length;
        return piece.length > 0 ? piece : undefined;
      },
      close: async () => undefined,
    };
  };
}
