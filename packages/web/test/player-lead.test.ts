import { expect, it } from "vitest";
import { Lead } from "../src/player/sound/lead.js";

/** Windows that follow each other, where an element needs so long from play() to its first sample: the last hole. */
function holeAfter(lead: Lead, windows: number, neededS: number): number {
  let holeS = 0;
  for (let i = 0; i < windows; i++) {
    const toldMs = i * 60_000;
    lead.begin(toldMs, lead.seconds);
    holeS = neededS - lead.seconds;
    const atMs = toldMs + 2000;
    lead.heard(atMs - 1900, 0.01); // too early to tell
    lead.heard(atMs, 2 - neededS);
    lead.heard(atMs + 5000, 0.7); // the same one, long after
  }
  return holeS;
}

it("learns to leave no hole and no overlap, and never believes more than a quarter of a second", () => {
  const lead = new Lead();
  expect(Math.abs(holeAfter(lead, 8, 0.2))).toBeLessThan(0.002);
  expect(Math.abs(holeAfter(lead, 8, 0.03))).toBeLessThan(0.002);
  holeAfter(lead, 8, 3);
  expect(lead.seconds).toBe(0.25);
});

it("learns nothing from what was interrupted", () => {
  const lead = new Lead();
  const before = lead.seconds;
  lead.begin(0, 0.1);
  lead.forget();
  lead.heard(9000, 1);
  expect(lead.seconds).toBe(before);
});
