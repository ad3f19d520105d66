import { expect, it } from "vitest";
import { Lead } from "../src/player/sound/lead.js";

it("learns how long an element needs from play() to sound, and never believes more than a quarter of a second", () => {
  const lead = new Lead();
  const first = lead.seconds;
  lead.heard(1000); // nobody asked
  expect(lead.seconds).toBe(first);
  for (let i = 0; i < 12; i++) {
    lead.begin(i * 1000);
    lead.heard(i * 1000 + 60);
    lead.heard(i * 1000 + 500); // the same one, later
  }
  expect(lead.seconds).toBeCloseTo(0.06, 3);
  for (let i = 0; i < 12; i++) {
    lead.begin(i * 1000);
    lead.heard(i * 1000 + 900);
  }
  expect(lead.seconds).toBe(0.25);
});
