/** `.bin` files of strangers: converted up to their fault, or refused with the place; nothing is left behind. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { corpus } from "../../../test/corpus/corpus.js";
import { type Converted, convertBin, ReceiverError } from "../src/index.js";
import { adpcmFrames, handshake, pcmFrames, tones } from "./support/audio.js";
import { readRecording } from "./support/recordings.js";
import { temporaryFolder } from "./support/test-receiver.js";

const AUDIO = tones(320 * 6);
const PCM = Buffer.concat(pcmFrames(AUDIO, { frameSamples: 320 }));
const ADPCM = Buffer.concat(adpcmFrames(AUDIO, { frameSamples: 320 }));

/** The outcome, and the WAV that it left; a refusal leaves none. */
async function convert(folder: string, bytes: Uint8Array): Promise<Converted | ReceiverError> {
  const [file, out] = [join(folder, "x.bin"), join(folder, "x.out.wav")];
  await writeFile(file, bytes);
  await rm(out, { force: true });
  try {
    const converted = await convertBin({ file, out, nibbleOrder: "auto" });
    const { dataBytes, fileBytes, riffBytes } = await readRecording(out);
    expect(dataBytes).toBe(converted.samples * converted.channels * 2);
    expect(riffBytes).toBe(fileBytes - 8);
    expect((await readFile(file)).equals(bytes)).toBe(true);
    return converted;
  } catch (error) {
    if (!(error instanceof ReceiverError)) throw error;
    expect([error.code, existsSync(out)]).toEqual(["invalid-bin", false]);
    expect(error.message).toMatch(/x\.bin\S* \S/);
    return error;
  }
}

describe("a .bin", () => {
  it.each(corpus("bin", "frames", "handshake", "wav", "stranger"))(
    "from the corpus: $name",
    async ({ bytes }) => {
      await using folder = await temporaryFolder();
      await convert(folder.path, bytes);
    },
  );

  it("with some bytes replaced, cut anywhere, is converted or refused", async () => {
    await using folder = await temporaryFolder();
    const good = fc.constantFrom(
      PCM,
      ADPCM,
      Buffer.concat([handshake(), PCM]),
      Buffer.concat([handshake({ codec: "ima-adpcm" }), ADPCM]),
    );
    const replaced = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 3 });
    const keep = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(good, replaced, keep, async (whole, patches, share) => {
        const bytes = Buffer.from(whole.subarray(0, Math.ceil(whole.length * share)));
        for (const [at, byte] of patches) if (at < bytes.length) bytes[at] = byte;
        await convert(folder.path, bytes);
      }),
      { numRuns: 300 },
    );
  });

  it("that never decides its nibble order may be larger than what is read at a time", async () => {
    await using folder = await temporaryFolder();
    const silence = Buffer.concat(adpcmFrames(Buffer.alloc(320 * 2 * 4000), { frameSamples: 320 }));
    expect(silence.length).toBeGreaterThan(2 * 256 * 1024);
    expect(await convert(folder.path, silence)).toMatchObject({
      samples: 320 * 4000,
      nibbleOrder: "low",
      tornBytes: 0,
    });
  });
});
