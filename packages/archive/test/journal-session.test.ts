import { formatFrame } from "@audio/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AcknowledgedSession } from "../src/journal/acknowledged-session.js";
import { type Run, readRecords } from "../src/journal/records.js";

const RATE = 8000;
const FORMAT = { codec: "pcm16", channels: 2, frameSamples: 160, sampleRate: RATE } as const;

function newSession() {
  const asked: boolean[] = [];
  const committer = {
    note: () => undefined,
    pending: (_: unknown, urgent: boolean) => void asked.push(urgent),
  };
  const note = {
    kind: "session",
    id: 9,
    key: "mic",
    format: FORMAT,
    nextSeq: 0,
    index: 0,
    segments: 0,
  } as const;
  return { asked, session: new AcknowledgedSession(committer, note) };
}

async function runsIn(bytes: Buffer): Promise<Run[]> {
  const runs: Run[] = [];
  const listener = {
    note: () => undefined,
    run: (run: Run) => void runs.push({ ...run, frames: Buffer.from(run.frames) }),
  };
  expect(await readRecords(bytes, listener)).toEqual({ bytes: bytes.length, rotten: false });
  return runs;
}

function frame(seq: number, sampleFrames: number): Uint8Array {
  const payload = Uint8Array.from({ length: sampleFrames * 4 }, (_, i) => (seq * 7 + i) % 256);
  return formatFrame("pcm16", seq, payload);
}

/** `lost`: sample frames left out in front, which takes a new run. */
const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("frame" as const), size: fc.integer({ min: 1, max: 160 }) }),
    },
    fc.record({
      kind: fc.constantFrom("lost", "cut", "seal", "confirm", "look", "settle"),
      size: fc.nat(300),
    }),
  ),
  { maxLength: 60 },
);

describe("an acknowledged session", () => {
  it("is held up by what the disk has not taken since it was last looked at", () => {
    const { session } = newSession();
    expect(session.isHeldUp()).toBe(false);
    session.begin({ segment: 1, index: 0, utcUs: 0, binAt: -1, order: "low" });
    session.append(frame(0, 160), 0, 652);
    expect([session.isHeldUp(), session.isHeldUp()]).toEqual([false, true]);
    session.seal();
    session.confirm();
    expect(session.isHeldUp()).toBe(false);
    session.append(frame(1, 160), 0, 652);
    expect(session.isHeldUp()).toBe(false);
  });

  it("brings every frame to the journal once, in order, with its place, over failed commits too", async () => {
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const { session } = newSession();
        let backlog = 0;
        session.backlog = (bytes) => {
          backlog += bytes;
        };
        const sent: { readonly at: number; readonly segment: number; readonly bytes: Uint8Array }[] = [];
        const journal: Buffer[] = [];
        const settled: { readonly frames: number; isDone: boolean }[] = [];
        let [index, seq, segment, sealed] = [0, 0, 1, 0];
        let last: Buffer | undefined;
        const seal = () => {
          const again = Buffer.from(session.seal());
          if (last === undefined || last.length === 0) sealed = sent.length;
          else expect(again.equals(last)).toBe(true);
          last = again;
        };
        const confirm = () => {
          journal.push(last as Buffer);
          last = undefined;
          expect(session.confirm()).toBe(sealed < sent.length);
          expect(session.durable.nextSeq).toBe(sealed);
        };
        for (const { kind, size } of list) {
          if (kind === "lost") index += size;
          else if (kind === "cut") segment++;
          else if (kind === "look") expect(session.recorded.nextSeq).toBe(seq);
          else if (kind === "seal") seal();
          else if (kind === "confirm" && last !== undefined) confirm();
          else if (kind === "settle") {
            const waiter = { frames: sent.length, isDone: false };
            settled.push(waiter);
            void session.settled().then(() => {
              waiter.isDone = true;
            });
          } else if (kind === "frame") {
            const utcUs = Math.round((index * 1_000_000) / RATE);
            if (!session.continues(segment, index))
              session.begin({ segment, index, utcUs, binAt: -1, order: "low" });
            const bytes = frame(seq++, size);
            session.append(bytes, 0, bytes.length);
            sent.push({ at: index, segment, bytes });
            index += size;
          }
          await Promise.resolve();
          const onDisk = session.durable.nextSeq;
          for (const { frames, isDone } of settled) expect(isDone).toBe(frames <= onDisk);
        }
        if (last !== undefined) confirm();
        seal();
        confirm();
        expect(backlog).toBe(0);
        const runs = await runsIn(Buffer.concat(journal));
        expect(
          Buffer.concat(runs.map(({ frames }) => frames)).equals(
            Buffer.concat(sent.map(({ bytes }) => bytes)),
          ),
        ).toBe(true);
        let at = 0;
        for (const run of runs) {
          expect(run).toMatchObject({ session: 9, index: sent[at].at, segment: sent[at].segment });
          for (let length = 0; length < run.frames.length; at++) length += sent[at].bytes.length;
          expect(run.nextSeq).toBe(at);
          const { bytes, at: start } = sent[at - 1];
          expect(run.endIndex).toBe(start + (bytes.length - 12) / 4);
        }
        expect(at).toBe(sent.length);
      }),
    );
  });

  it("asks for a commit at its first bytes, and for one at once when much has gathered", () => {
    const { asked, session } = newSession();
    session.begin({ segment: 1, index: 0, utcUs: 0, binAt: -1, order: "low" });
    const bytes = frame(0, 160);
    for (let i = 0; i < 1000; i++) session.append(bytes, 0, bytes.length);
    expect(asked).toEqual([false, true]);
  });

  it("hands what waits over to the account of the recording that follows", () => {
    const { session } = newSession();
    const accounts = [0, 0];
    for (const i of accounts.keys()) {
      session.backlog = (bytes) => {
        accounts[i] += bytes;
      };
      session.begin({ segment: 1, index: 0, utcUs: 0, binAt: -1, order: "low" });
      session.append(frame(i, 10), 0, 52);
    }
    expect(accounts).toEqual([0, session.seal().length]);
    session.confirm();
    expect(accounts).toEqual([0, 0]);
  });

  it("that is given up lets nobody wait for ever", async () => {
    const { session } = newSession();
    session.begin({ segment: 1, index: 0, utcUs: 0, binAt: -1, order: "low" });
    session.append(frame(0, 10), 0, 52);
    const before = session.settled();
    session.abandon(new Error("stopped"));
    await expect(before).rejects.toThrow("stopped");
    await expect(session.settled()).rejects.toThrow("stopped");
  });

  it("that skipped time goes on behind it, also when no frame has come since", () => {
    const { session } = newSession();
    session.begin({ segment: 1, index: 0, utcUs: 0, binAt: -1, order: "low" });
    session.append(frame(0, 80), 0, 332);
    session.interrupt();
    expect(session.continues(1, 80)).toBe(false);
    expect(session.recorded).toMatchObject({ index: 80, utcUs: 10_000 });
  });
});
