import { npmImaadpcm, npmWavefile, ourCodec, plainC } from "../codec/contenders.mjs";
import { synthesizeSpeech } from "../codec/speech.mjs";
import { interleave } from "../harness/rounds.mjs";
import { markdownTable, median } from "../harness/table.mjs";

const SAMPLE_RATE = 16_000;
const FRAME_SAMPLES = 320;
const MINUTES = 5;
/** wavefile takes a second for one of these. */
const NPM_SECONDS = 60;

/**
 * IMA ADPCM of speech in 20 ms frames, one thread, against other implementations.
 * @param {import("./compare.mjs").SuiteOptions} options
 */
export async function codec(options) {
  const pcm = synthesizeSpeech(MINUTES * 60, SAMPLE_RATE);
  const part = pcm.slice(0, NPM_SECONDS * SAMPLE_RATE);
  const ours = ourCodec(pcm, FRAME_SAMPLES);
  const native = plainC(pcm, FRAME_SAMPLES, options.directory);
  const codecs = [ours, native, npmImaadpcm(part), npmWavefile(part)];
  const present = codecs.filter(({ missing }) => !missing);
  for (const { measure } of present) measure(0.2); // compiled before the clock counts
  if (!native.missing) requireSameResults(ours, native.results());
  const seconds = options.quick ? 0.3 : 1;
  const results = await interleave(present, options.rounds, ({ measure }) => measure(seconds));
  return describe(codecs, results, native, options.rounds);
}

/**
 * A speed of something that computes something else means nothing.
 * @param {{ blocks: Uint8Array, decoded: Int16Array }} ours
 * @param {{ blocks: Buffer, decoded: Buffer }} theirs
 */
function requireSameResults(ours, theirs) {
  const decoded = Buffer.from(ours.decoded.buffer, ours.decoded.byteOffset, ours.decoded.byteLength);
  if (!theirs.blocks.equals(ours.blocks))
    throw new Error("@audio/ima-adpcm encodes other bytes than plain C");
  if (!theirs.decoded.equals(decoded)) throw new Error("@audio/ima-adpcm decodes other samples than plain C");
}

/**
 * @param {readonly import("../codec/contenders.mjs").Codec[]} codecs
 * @param {Map<import("../codec/contenders.mjs").Codec, import("../codec/contenders.mjs").CodecSpeed[]>} results
 * @param {import("../codec/contenders.mjs").Codec} yardstick
 * @param {number} rounds
 */
function describe(codecs, results, yardstick, rounds) {
  const speed = (
    /** @type {import("../codec/contenders.mjs").Codec} */ of,
    /** @type {"encode" | "decode"} */ way,
  ) => median(results.get(of)?.map((result) => result[way]) ?? []);
  const rows = codecs.map((each) => [
    each.missing ? `${each.name}: ${each.missing}` : each.name,
    speed(each, "encode"),
    speed(each, "encode") / speed(yardstick, "encode"),
    speed(each, "decode"),
    speed(each, "decode") / speed(yardstick, "decode"),
  ]);
  const head = ["", "encode, Msamples per CPU s", "× C", "decode, Msamples per CPU s", "× C"];
  return (
    `### Codec: IMA ADPCM, ${MINUTES} min of speech-like sound, ${FRAME_SAMPLES}-sample frames, one thread\n\n` +
    `${markdownTable(head, rows)}\n\n` +
    `Goals: encode at least 1.9 and decode at least 1.8 times plain C. Rounds: ${rounds}, interleaved; medians. ` +
    "Our bytes and samples are those of the C program. The npm packages know only blocks of 505 samples.\n"
  );
}
