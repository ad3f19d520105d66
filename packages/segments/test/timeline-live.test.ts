import { expect, it } from "vitest";
import { type Device, jitter, Reception, worstStart } from "./support/device.js";

const DAY = 86_400;

const device = (changes: Partial<Device>): Device => ({
  sampleRate: 16_000,
  ppm: 0,
  blockSeconds: 0.1,
  delayUs: jitter(5, 120),
  ...changes,
});

it.each([
  // Days, segment, ppm, and the audio sent at a time: seconds
  [1, 10, -50, 0.1],
  [1, 10, 200, 0.1],
  [60, 600, -200, 0.6],
  [60, 600, 200, 0.6],
  [3, 3600, -200, 0.1],
  [3, 3600, 200, 0.1],
])(
  "for %i days, segments of %i s of a device that runs %i ppm fast start within 1 s of the clock",
  (days, segmentSeconds, ppm, blockSeconds) => {
    const reception = new Reception(device({ ppm, blockSeconds }), segmentSeconds);
    reception.run(days * DAY);
    expect(worstStart(reception.starts)).toBeLessThan(1);
    expect(reception.starts.length).toBe((days * DAY) / segmentSeconds);
    expect(reception.stalls).toBe(0);
    expect(Math.abs(reception.timeline.driftPpm! - ppm)).toBeLessThan(1);
  },
);

it.each([-200, 200])("does not take %i ppm of drift for a stall, however long the segments are", (ppm) => {
  const reception = new Reception(device({ ppm, blockSeconds: 1 }), 10 * DAY);
  reception.run(9 * DAY);
  expect(reception.stalls).toBe(0);
});

it("knows the drift to some ppm after ten minutes", () => {
  const reception = new Reception(device({ ppm: -120, blockSeconds: 0.02 }), 10);
  reception.run(600);
  expect(Math.abs(reception.timeline.driftPpm! + 120)).toBeLessThan(15);
});

it("does not know the drift before it has seen two windows", () => {
  const reception = new Reception(device({ blockSeconds: 0.02 }), 10);
  reception.run(9);
  expect(reception.timeline.driftPpm).toBeUndefined();
});

it("keeps the estimate when a bad network stalls the device again and again", () => {
  const reception = new Reception(device({ ppm: 40, blockSeconds: 0.1, delayUs: jitter(5, 400) }), 10);
  for (let i = 0; i < 300; i++) {
    reception.run(120);
    reception.pause(5 + (i % 7));
  }
  expect(reception.stalls).toBe(299);
  expect(Math.abs(reception.timeline.driftPpm! - 40)).toBeLessThan(20);
});

it.each([0.02, 0.5, 1.9, 4, 65.535])(
  "takes live audio that comes %f s at a time for live",
  (blockSeconds) => {
    const reception = new Reception(device({ blockSeconds, delayUs: jitter(5, 300) }), 600);
    reception.run(20_000);
    expect(reception.stalls).toBe(0);
    // What lies in one block arrives together: only its end can be on time.
    expect(worstStart(reception.starts)).toBeLessThan(1 + blockSeconds);
  },
);

it("survives delays short of a stall without a cut", () => {
  const held = (block: number) => (block % 997 === 500 ? 1_700_000 : 10_000);
  const reception = new Reception(device({ ppm: 80, blockSeconds: 0.1, delayUs: held }), 10);
  reception.run(DAY / 4);
  expect(reception.stalls).toBe(0);
  expect(worstStart(reception.starts)).toBeLessThan(1);
});
