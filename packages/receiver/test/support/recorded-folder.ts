import { join, relative } from "node:path";
import { type Catalogue, openCatalogue, type SegmentComplete } from "@audio/archive";
import { handshake, noiseBytes, pcmFrames } from "./audio.js";
import { play } from "./stream-client.js";
import { TestReceiver, temporaryFolder } from "./test-receiver.js";
import { pause, until } from "./waiting.js";

/** A working folder with a data directory in it, as a receiver has left it. */
export interface RecordedFolder extends AsyncDisposable {
  readonly path: string;
  readonly dataDir: string;
  /** What device `kitchen` has sent, 16 kHz mono: 3.01 s, then, after a gap of more than 2 s, another second. */
  readonly kitchen: readonly [Buffer, Buffer];
  /** When the first of it begins, UTC in µs. */
  readonly startUs: number;
}

/** Records two devices, in segments of 1 s. */
export async function recordedFolder(): Promise<RecordedFolder> {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "data");
  const kitchen = [noiseBytes(3.01 * 32_000, 3), noiseBytes(32_000, 4)] as const;
  const send = (server: TestReceiver, device: string, audio: Buffer) =>
    play(server.ws(`/${device}`), [handshake(), ...pcmFrames(audio, { frameSamples: 320 })]);
  await using server = await TestReceiver.start({ dataDir, wsSegmentSeconds: 1, catalogue: false });
  await send(server, "kitchen", kitchen[0]);
  await send(server, "kitten", kitchen[1]);
  await pause(5600); // what was sent at once reaches 3 s into the future, and a gap is more than 2 s
  await send(server, "kitchen", kitchen[1]);
  await until("the ends", () => server.closed.length === 3);
  const [{ startUs }] = server.segmentsOf(7);
  using catalogue = disposable(openCatalogue(dataDir));
  for (const segment of server.segments) putSegment(catalogue, dataDir, segment);
  return { ...folder, dataDir, kitchen, startUs };
}

/** Catalogues a segment, as the keeper does. */
function putSegment(catalogue: Catalogue, dataDir: string, segment: SegmentComplete): void {
  const { stream, path, startUs, samples, gaps, bytes, bin } = segment;
  const stem = relative(dataDir, path).replace(/\.wav$/, "");
  const facts = { ...stream, stem, startUs, samples, gaps, levels: undefined };
  const bins = bin === undefined ? [] : [{ form: "bin", bytes: bin.bytes } as const];
  catalogue.segments.put(facts, [{ form: "wav", bytes }, ...bins]);
}

/** A catalogue that is closed with `using`. */
export function disposable(catalogue: Catalogue): Catalogue & Disposable {
  return Object.assign(catalogue, { [Symbol.dispose]: () => catalogue.close() });
}
