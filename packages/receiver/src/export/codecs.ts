import type { DecodeAudio, RangePlan } from "@audio/archive";
import { decodeAudio, encodeAudio, findFfmpeg } from "@audio/compress";
import { segmentsOf } from "./describe-range.js";
import type { Encode, ExportFormat } from "./export-range.js";

/** FLAC and Opus, both ways. */
export interface Codecs {
  /** Finds ffmpeg. Throws CompressError `ffmpeg-missing`; then it is looked for again the next time. */
  readonly find: () => Promise<string>;
  readonly decode: DecodeAudio;
  readonly encode: Encode;
}

/** Codecs by ffmpeg, which is looked for when it is first needed. */
export function ffmpegCodecs(find: () => Promise<string> = findFfmpeg): Codecs {
  let found: Promise<string> | undefined;
  const ffmpeg = () => {
    found ??= find().catch((error) => {
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    find: ffmpeg,
    async *decode(input, { form, format, ...stretch }) {
      yield* decodeAudio(await ffmpeg(), input, { format: form, ...format, ...stretch });
    },
    encode: async (chunks, output, { pcm, ...request }) =>
      encodeAudio(await ffmpeg(), chunks, output, { ...pcm, ...request }),
  };
}

/** Whether an export cannot do without ffmpeg. */
export function needsFfmpeg(plan: RangePlan, format: ExportFormat): boolean {
  const isPlain = (form: string) => form === "wav" || form === "bin";
  return format !== "wav" || segmentsOf(plan).some(({ forms }) => !forms.some(({ form }) => isPlain(form)));
}
