import { rm } from "node:fs/promises";
import { layoutReader, openCatalogue, reconcile } from "@audio/archive";
import { compressSegment, findFfmpeg, readTags } from "@audio/compress";
import { TimeZone } from "@audio/segments";
import { expect, it } from "vitest";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { play } from "./support/stream-client.js";
import { TestReceiver, temporaryFolder } from "./support/test-receiver.js";
import { until } from "./support/waiting.js";

const FACTS = { zone: new TimeZone("UTC"), names: layoutReader(), readTags };

/** Everything that a new catalogue knows of the segments, but where they are. */
async function known(dataDir: string) {
  await rm(`${dataDir}/catalogue.db`, { force: true });
  const catalogue = openCatalogue(dataDir);
  try {
    const { faults, foreign } = await reconcile(catalogue, dataDir, FACTS);
    expect([faults, foreign]).toEqual([0, 0]);
    return catalogue.segments
      .list()
      .map(({ id: _, forms, ...facts }) => ({ facts, forms: forms.map(({ form }) => form) }));
  } finally {
    catalogue.close();
  }
}

it("a catalogue built from FLAC and Opus knows what one built from the WAVs knew", async () => {
  await using folder = await temporaryFolder();
  await using server = await TestReceiver.start({ dataDir: folder.path, wsSegmentSeconds: 1, bin: false });
  const frames = pcmFrames(tones(16_000 * 3, { channels: 2 }), { frameSamples: 320, channels: 2 });
  const lossy = [...frames.slice(0, 60), ...frames.slice(70)]; // ten frames are lost in the second second
  await play(server.ws("/kitchen"), [handshake({ channels: 2 }), ...lossy]);
  await until("it ends", () => server.closed.length === 1);
  const before = await known(folder.path);
  expect(before.map(({ forms }) => forms)).toEqual([["wav"], ["wav"], ["wav"]]);
  expect(before[1].facts.gaps).toMatchObject([{ cause: "lost-frames", samples: 3200 }]);
  const ffmpeg = await findFfmpeg();
  for (const [i, { path }] of server.segments.entries())
    await compressSegment({
      ffmpeg,
      input: path,
      format: i % 2 === 0 ? "flac" : "opus",
      deleteOriginal: true,
    });
  const after = await known(folder.path);
  expect(after.map(({ forms }) => forms)).toEqual([["flac"], ["opus"], ["flac"]]);
  expect(after.map(({ facts }) => facts)).toEqual(before.map(({ facts }) => facts));
});
