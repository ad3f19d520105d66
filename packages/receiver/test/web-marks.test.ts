/** Pins and notes over the web port: as the files have them, whoever wrote them. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changePins, readPins } from "@audio/archive";
import { describe, expect, it } from "vitest";
import { deviceCards, writeCard } from "../src/web/api/cards.js";
import { openMarks } from "../src/web/marks.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";

const AT = Date.UTC(2026, 10, 20, 18) * 1000;
const HOUR = 3_600_000_000;
const owl = { device: "kitchen", fromUs: AT, toUs: AT + HOUR };

function send(receiver: TestReceiver, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: basic("admin", WEB_PASSWORD), "content-type": "application/json" };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return receiver.look(`/api/v1${path}`, {
    method,
    headers: content.body ? headers : { authorization: headers.authorization },
    ...content,
  });
}

async function listed(receiver: TestReceiver, path: string): Promise<Record<string, unknown>[]> {
  const answer = await receiver.look(`/api/v1${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

describe.concurrent("marks over the web port", () => {
  it("are pins that retention and the command line see at once, and the other way round", async () => {
    await using receiver = await TestReceiver.start({ timezone: "UTC" });
    const { dataDir } = receiver;
    const made = await send(receiver, "POST", "/pins", { ...owl, toUs: AT + HOUR + 1, note: "the owl" });
    const pin = await made.json();
    expect([made.status, pin]).toEqual([
      200,
      {
        ...owl,
        toUs: AT + HOUR + 1000,
        note: "the owl",
        id: expect.stringMatching(/^[0-9a-f]{8}$/),
        createdUs: expect.any(Number),
      },
    ]);
    expect(readPins(dataDir)).toEqual([pin]);
    const other = { ...owl, id: "0123abcd", device: "porch", note: undefined, createdUs: AT };
    await changePins(dataDir, (pins) => [other, ...pins]);
    expect(await listed(receiver, "/pins")).toEqual([{ ...other, note: null }, pin]);
    expect(await listed(receiver, "/pins?device=porch&from=2026-11-20T18:30")).toHaveLength(1);
    expect(await listed(receiver, "/pins?to=2026-11-19")).toEqual([]);
    expect(await listed(receiver, `/pins?from=${AT + 2 * HOUR}`)).toEqual([]);
    const gone = await send(receiver, "DELETE", `/pins/${pin.id}`);
    expect([gone.status, await gone.json()]).toEqual([200, pin]);
    expect((await send(receiver, "DELETE", `/pins/${pin.id}`)).status).toBe(404);
    expect(readPins(dataDir)).toEqual([other]);
  });

  it("are notes with their author, all of them when many write at once", async () => {
    await using receiver = await TestReceiver.start();
    const texts = Array.from({ length: 12 }, (_, i) => `<b>owl</b> ${i}`);
    const made = await Promise.all(texts.map((text) => send(receiver, "POST", "/notes", { ...owl, text })));
    expect(made.map(({ status }) => status)).toEqual(texts.map(() => 200));
    const notes = await listed(receiver, "/notes?device=kitchen");
    expect(notes.map(({ text }) => text).sort()).toEqual([...texts].sort());
    expect(notes[0]).toMatchObject({ ...owl, author: "admin" });
    const file = JSON.parse(await readFile(join(receiver.dataDir, "notes.json"), "utf8"));
    expect(file.notes[0]).toMatchObject({ from: "2026-11-20T18:00:00.000Z", author: "admin" });
    expect((await send(receiver, "DELETE", `/notes/${notes[0].id}`)).status).toBe(200);
    expect(await listed(receiver, "/notes")).toEqual(notes.slice(1));
  });

  it.each([
    ["POST", "/pins", { ...owl, toUs: AT }],
    ["POST", "/pins", { ...owl, device: "../etc" }],
    ["POST", "/pins", { ...owl, note: "x".repeat(501) }],
    ["POST", "/notes", { ...owl, text: "  " }],
    ["POST", "/notes", { ...owl, text: "x".repeat(2001) }],
    ["POST", "/notes", { ...owl, fromUs: 1e300, text: "x" }],
    ["GET", "/notes?from=yesterday", undefined],
    ["GET", "/notes?from=2026-11-20&to=2026-11-19", undefined],
    ["DELETE", "/notes/..%2f..", undefined],
  ])("refuse what is none: %s %s %#", async (method, path, body) => {
    await using receiver = await TestReceiver.start();
    const answer = await send(receiver, method, path, body);
    expect([answer.status, (await answer.json()).error]).toEqual([400, expect.stringMatching(/\w/)]);
    expect(await listed(receiver, "/notes")).toEqual([]);
  });

  it("say what is wrong with a damaged file, and leave it as it is", async () => {
    await using receiver = await TestReceiver.start();
    const path = join(receiver.dataDir, "notes.json");
    await writeFile(path, '{"version":1,"notes":[{"id":"1"}]}');
    for (const answer of [
      await receiver.look("/api/v1/notes"),
      await send(receiver, "POST", "/notes", { ...owl, text: "heard" }),
    ])
      expect([answer.status, await answer.json()]).toEqual([
        409,
        { error: `note file ${path} cannot be used: entry 1 is no note; repair it, or move it away` },
      ]);
    expect(await readFile(path, "utf8")).toBe('{"version":1,"notes":[{"id":"1"}]}');
  });

  it("are cards of devices, of which what is not changed stays", async () => {
    await using folder = await temporaryFolder();
    const { cards } = openMarks(folder.path);
    await Promise.all([
      writeCard(cards, "kitchen", { label: "Küche", group: "inside" }),
      writeCard(cards, "porch", { note: "windy" }),
    ]);
    await writeCard(cards, "kitchen", { group: "" });
    const elsewhere = await deviceCards(openMarks(folder.path).cards);
    expect(elsewhere("kitchen")).toEqual({ label: "Küche", group: "", note: "" });
    expect(elsewhere("porch")).toEqual({ label: "", group: "", note: "windy" });
    expect(elsewhere("attic")).toEqual({ label: "", group: "", note: "" });
    await writeCard(cards, "porch", { note: "" });
    const file = JSON.parse(await readFile(join(folder.path, "devices.json"), "utf8"));
    expect(file.devices).toEqual([{ device: "kitchen", label: "Küche", group: "", note: "" }]);
  });
});
