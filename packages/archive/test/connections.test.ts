import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { MOST_CONNECTIONS } from "../src/catalogue/connections.js";
import { CATALOGUE_FILE, openCatalogue } from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const SECOND = 1_000_000;
const opened = (second: number, device: string | undefined = "porch") => ({
  device,
  streamId: 7,
  source: "websocket" as const,
  codec: "pcm16",
  peer: "192.168.1.20:51544",
  openedUs: second * SECOND,
});
const closed = (second: number) => ({
  closedUs: second * SECOND,
  cause: "connection-lost",
  detail: "nothing came for 60 s",
  samples: 16_000,
  lostFrames: 2,
});
const started = (connections: readonly { openedUs: number }[]) =>
  connections.map(({ openedUs }) => openedUs / SECOND);

describe("the history of connections", () => {
  it("has each with its end, latest first, by time", () => {
    const { connections } = openCatalogue(newFolder());
    connections.open("run", 1, opened(10));
    connections.open("run", 2, opened(30));
    connections.open("run", 3, opened(20, "attic"));
    connections.open("run", 4, { ...opened(40), device: undefined });
    connections.close("run", 1, closed(15));
    connections.close("run", 9, closed(15));
    const [second, first] = connections.list({ device: "porch" });
    expect(first).toEqual({ ...opened(10), ...closed(15) });
    const open = { closedUs: null, cause: null, detail: "", samples: null, lostFrames: null };
    expect(second).toEqual({ ...opened(30), ...open });
    expect(started(connections.list({ device: null }))).toEqual([40]);
    expect(started(connections.list({ device: "porch", limit: 1 }))).toEqual([30]);
    expect(started(connections.list({ device: "porch", fromUs: 15 * SECOND }))).toEqual([30]);
    expect(started(connections.list({ device: "porch", toUs: 30 * SECOND }))).toEqual([10]);
    expect(connections.list({ device: "nobody" })).toEqual([]);
  });

  it("begins in a catalogue of an earlier version as soon as somebody writes to it", () => {
    const folder = newFolder();
    openCatalogue(folder).close();
    const database = new Database(join(folder, CATALOGUE_FILE));
    database.exec("DROP TABLE connections; PRAGMA user_version = 3");
    database.close();
    expect(() => openCatalogue(folder, { readOnly: true })).toThrow(/is of an earlier version: run/);
    const { connections } = openCatalogue(folder);
    connections.open("run", 1, opened(10));
    expect(connections.list({ device: "porch" })).toHaveLength(1);
  });

  it("says so where nobody saw the end, until somebody tells", () => {
    const { connections } = openCatalogue(newFolder());
    connections.open("killed", 1, opened(10));
    connections.open("now", 1, opened(20));
    expect(connections.endOthers("now")).toBe(1);
    const ends = () => connections.list({ device: "porch" }).map(({ closedUs, cause }) => [closedUs, cause]);
    expect(ends()).toEqual([
      [null, null],
      [null, "unknown"],
    ]);
    connections.close("now", 1, closed(25));
    connections.close("killed", 1, closed(25));
    expect(ends()).toEqual([
      [25 * SECOND, "connection-lost"],
      [null, "unknown"],
    ]);
  });

  it("keeps the last of a device that comes and goes, whatever the others do", () => {
    const catalogue = openCatalogue(newFolder());
    const { connections } = catalogue;
    connections.open("run", 0, opened(1, "attic"));
    const many = MOST_CONNECTIONS.ofDevice + 150;
    catalogue.transaction(() => {
      for (let n = 1; n <= many; n++) connections.open("run", n, opened(n));
    });
    const kept = connections.list({ device: "porch", limit: 20_000 });
    expect(kept.length).toBe(MOST_CONNECTIONS.ofDevice + 50);
    expect([kept[0].openedUs / SECOND, kept.at(-1)!.openedUs / SECOND]).toEqual([many, 101]);
    expect(connections.list({ device: "attic" })).toHaveLength(1);
    catalogue.close();
  });
});
