import type { AudioSources } from "@audio/archive";
import { decodeAudio, findFfmpeg } from "@audio/compress";

/** Where audio is read from: every local form; FLAC and Opus through ffmpeg. */
export function audioSources(dataDir: string): AudioSources {
  return {
    dataDir,
    async *decode(input, { form, from, samples, format, signal }) {
      const ffmpeg = await findFfmpeg();
      yield* decodeAudio(ffmpeg, input, { format: form, from, samples, ...format, signal });
    },
  };
}
