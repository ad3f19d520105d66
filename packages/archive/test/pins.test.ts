import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ArchiveError, changePins, PINS_FILE, type Pin, readPins } from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const pin = (more: Partial<Pin> = {}): Pin => ({
  id: "0123abcd",
  device: "porch",
  fromUs: 1_763_769_600_000_000,
  toUs: 1_763_773_200_000_000,
  note: undefined,
  createdUs: 1_763_800_000_000_000,
  ...more,
});

function refusalOf(folder: string): { code: string; message: string } {
  try {
    readPins(folder);
  } catch (error) {
    if (error instanceof ArchiveError) return { code: error.code, message: error.message };
  }
  throw new Error("it was read");
}

describe("pins", () => {
  it("are read as they were written, in a file that people can read", async () => {
    const folder = newFolder();
    expect(readPins(folder)).toEqual([]);
    await changePins(folder, () => [pin(), pin({ id: "89abcdef", note: "the burglary" })]);
    expect(readPins(folder)).toEqual([pin(), pin({ id: "89abcdef", note: "the burglary" })]);
    const text = readFileSync(join(folder, PINS_FILE), "utf8");
    expect(JSON.parse(text).pins[0]).toEqual({
      id: "0123abcd",
      device: "porch",
      from: "2025-11-22T00:00:00.000Z",
      to: "2025-11-22T01:00:00.000Z",
      created: "2025-11-22T08:26:40.000Z",
    });
  });

  it("protect no less than was asked for, to the millisecond", async () => {
    const folder = newFolder();
    await changePins(folder, () => [pin({ fromUs: 1_999_999, toUs: 2_000_001 })]);
    expect(readPins(folder)).toMatchObject([{ fromUs: 1_999_000, toUs: 2_001_000 }]);
  });

  it("are all there when many are added at once", async () => {
    const folder = newFolder();
    const ids = Array.from({ length: 20 }, (_, i) => i.toString(16).padStart(8, "0"));
    await Promise.all(ids.map((id) => changePins(folder, (pins) => [...pins, pin({ id })])));
    expect(
      readPins(folder)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids);
  });

  it("stay as they were when a change fails, and may be changed after a crash in the middle of one", async () => {
    const folder = newFolder();
    await changePins(folder, () => [pin()]);
    const failing = changePins(folder, () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const next = join(folder, `${PINS_FILE}.new`);
    expect(existsSync(next)).toBe(false);
    writeFileSync(next, "{");
    utimesSync(next, 1, 1);
    await changePins(folder, (pins) => [...pins, pin({ id: "00000001" })]);
    expect(readPins(folder)).toHaveLength(2);
  });

  it.each([
    ["{", "it is no JSON"],
    ["null", "it is no list of pins of version 1"],
    ['{"version":2,"pins":[]}', "it is no list of pins of version 1"],
    ['{"version":1,"pins":[null]}', "entry 1 is no pin"],
    [
      '{"version":1,"pins":[{"id":"1","device":"porch","from":"yesterday","to":"2025-11-22","created":"2025-11-22"}]}',
      "entry 1 is no pin",
    ],
    [`{"version":1,"pins":[${Array(10_001).fill("{}").join()}]}`, "10001 pins are more than the 10000"],
  ])("that cannot be read are no reason to delete anything: %.50s", async (text, fault) => {
    const folder = newFolder();
    writeFileSync(join(folder, PINS_FILE), text);
    const { code, message } = refusalOf(folder);
    expect(code).toBe("invalid-pins");
    expect(message).toContain(fault);
    await expect(changePins(folder, () => [])).rejects.toMatchObject({ code: "invalid-pins" });
    expect(readFileSync(join(folder, PINS_FILE), "utf8")).toBe(text);
  });
});
