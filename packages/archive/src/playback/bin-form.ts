import type { NibbleOrder } from "@audio/ima-adpcm";
import { FRAME_HEADER_BYTES, HANDSHAKE_BYTES, payloadSampleFrames } from "@audio/protocol";
import type { Segment } from "../catalogue/segment.js";
import {
  type BinFormat,
  BinFrames,
  binFormatOf,
  type Decoded,
  decodeFrame,
  NibbleOrderSearch,
} from "./bin-frames.js";
import { gridIndex } from "./grid.js";
import { Unreadable } from "./local-file.js";
import { silence, wholeUnits } from "./sample-frames.js";
import type { OpenRange, SampleRange } from "./wav-form.js";

/** What a look through a whole `.bin` has shown. */
interface Survey extends BinFormat {
  readonly order: NibbleOrder;
  /** Sample frames that it decodes to, silence for lost frames included. */
  readonly samples: number;
}

/**
 * The end of a frame that crosses a cut: it stands in the `.bin` before the cut, its samples in the WAV behind it.
 * Whoever reads several segments in a row hands it from one to the next.
 */
export interface Overhang {
  pcm: Uint8Array | undefined;
}

/**
 * Decodes a `.bin` to what the WAV of its segment holds. It is read twice: what the nibble order is, and how many
 * samples of the first frame stand in the segment before, only the whole tells.
 *
 * @param openRange of the file, `fileBytes` long
 * @param overhang from the segment just before, if that was read from its `.bin`; is left behind for the next one,
 *   if the end was reached. Without it the samples that the file lacks at its front are silence: none where frames
 *   divide a segment (20 ms in 10 s), else less than a frame
 */
export async function* readBin(
  openRange: OpenRange,
  fileBytes: number,
  range: SampleRange,
  segment: Segment,
  overhang: Overhang,
): AsyncGenerator<Uint8Array> {
  if (segment.bitsPerSample !== 16) throw new Unreadable("decodes to 16 bits, planned are more");
  const unit = segment.channels * 2;
  const before = overhang.pcm;
  overhang.pcm = undefined;
  const survey = await surveyOf(openRange, fileBytes, segment);
  const front = before === undefined ? silence(lackingAtFront(survey, segment) * unit) : [before];
  const chunks = playedOf(openRange, fileBytes, survey, segment, front);
  const wanted = range.samples * unit;
  const isToEnd = range.from + range.samples === segment.samples;
  const surplus = isToEnd ? survey.frameSamples * unit : 0;
  let left = wanted;
  const behind: Uint8Array[] = [];
  for await (const chunk of wholeUnits(chunks, { unit, skip: range.from * unit, limit: wanted + surplus })) {
    const end = Math.min(left, chunk.length);
    left -= end;
    if (end < chunk.length) behind.push(chunk.subarray(end));
    if (end > 0) yield chunk.subarray(0, end);
  }
  if (isToEnd && left === 0) overhang.pcm = Buffer.concat(behind);
}

async function* playedOf(
  openRange: OpenRange,
  fileBytes: number,
  survey: Survey,
  segment: Segment,
  front: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const unit = segment.channels * 2;
  yield* front;
  yield* silence(filledAtFront(segment) * unit);
  let decoded: Decoded[] = [];
  const lossSamples = isFilled(segment) ? survey.frameSamples : 0;
  const frames = new BinFrames(survey, segment.sampleRate, (bytes, start, end, lost) => {
    if (lost > 0) decoded.push(lost * lossSamples);
    decoded.push(decodeFrame(bytes, start, end, survey, survey.order));
  });
  for await (const chunk of await openRange(survey.start, fileBytes)) {
    frames.push(chunk);
    for (const piece of decoded)
      if (typeof piece === "number") yield* silence(piece * unit);
      else yield piece;
    decoded = [];
  }
}

async function surveyOf(openRange: OpenRange, fileBytes: number, segment: Segment): Promise<Survey> {
  const { channels, sampleRate } = segment;
  const front: Uint8Array[] = [];
  const limit = Math.min(HANDSHAKE_BYTES, fileBytes);
  for await (const chunk of wholeUnits(await openRange(0, limit), { unit: 1, skip: 0, limit }))
    front.push(chunk);
  const format = binFormatOf(Buffer.concat(front), channels);
  const search = new NibbleOrderSearch(format);
  const lossSamples = isFilled(segment) ? format.frameSamples : 0;
  let samples = 0;
  const frames = new BinFrames(format, sampleRate, (bytes, start, end, lost) => {
    search.frame(bytes, start, end, lost);
    samples += lost * lossSamples + payloadSampleFrames(end - start - FRAME_HEADER_BYTES, format);
  });
  for await (const chunk of await openRange(format.start, fileBytes)) frames.push(chunk);
  return { ...format, order: search.order, samples };
}

// Whether the recorder put silence where frames were lost (`gapFill: silence`), or nothing.
function isFilled({ gaps, startUs }: Segment): boolean {
  const within = gaps.filter((gap) => gap.cause === "lost-frames" && gap.startUs >= startUs);
  return within.length === 0 || within.some(({ filled }) => filled);
}

// Frames lost just before the first one of the file: nothing in the file tells of them.
function filledAtFront(segment: Segment): number {
  return segment.gaps.find((gap) => gap.filled && indexOf(segment, gap.startUs) === 0)?.samples ?? 0;
}

// Less than a frame lacks, and nothing was lost at the end: then it is the end of a frame that came before the cut.
function lackingAtFront({ samples, frameSamples }: Survey, segment: Segment): number {
  const lacking = segment.samples - samples - filledAtFront(segment);
  const endsInGap = segment.gaps.some(
    (gap) => gap.filled && indexOf(segment, gap.startUs) + gap.samples >= segment.samples,
  );
  return lacking > 0 && lacking < frameSamples && !endsInGap ? lacking : 0;
}

function indexOf({ startUs, sampleRate }: Segment, us: number): number {
  return gridIndex(us, sampleRate) - gridIndex(startUs, sampleRate);
}
