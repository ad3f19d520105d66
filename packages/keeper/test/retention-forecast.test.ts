import { describe, expect, it } from "vitest";
import { GrowthMeter, hoursLeft, markedForecast, markForecast } from "../src/retention/forecast.js";
import { SlowFrees } from "../src/retention/slow-frees.js";
import { newCatalogue } from "./support/catalogue.js";

const MEGABYTE = 1_000_000;

describe("a forecast", () => {
  it("goes by the growth of the last ten minutes, after one", () => {
    const meter = new GrowthMeter();
    for (let second = 0; second < 55; second++) meter.sample(second * 1000, second * MEGABYTE);
    expect(meter.bytesPerSecond).toBeUndefined();
    for (let second = 55; second < 120; second++) meter.sample(second * 1000, second * MEGABYTE);
    expect(meter.bytesPerSecond).toBe(MEGABYTE);
    for (let second = 120; second < 1200; second++) meter.sample(second * 1000, 120 * MEGABYTE);
    expect(meter.bytesPerSecond).toBe(0);
  });

  it("begins anew when the clock is set back, or when it is told to", () => {
    const meter = new GrowthMeter();
    for (let second = 1000; second < 1100; second++) meter.sample(second * 1000, second * MEGABYTE);
    meter.sample(500_000, 0);
    expect(meter.bytesPerSecond).toBeUndefined();
    for (let second = 500; second < 600; second++) meter.sample(second * 1000, (second - 500) * 10);
    expect(meter.bytesPerSecond).toBeCloseTo(10, 0);
    meter.reset();
    expect(meter.bytesPerSecond).toBeUndefined();
  });

  it("is the time until recording stops", () => {
    expect(hoursLeft(4600 * MEGABYTE, 1000 * MEGABYTE, MEGABYTE)).toBe(1);
    expect(hoursLeft(MEGABYTE, 2 * MEGABYTE, 1)).toBe(0);
    expect(hoursLeft(MEGABYTE, 0, 0)).toBeUndefined();
    expect(hoursLeft(MEGABYTE, 0, undefined)).toBeUndefined();
  });

  it("is kept in the catalogue for whoever asks later", () => {
    using scene = newCatalogue();
    expect(markedForecast(scene.catalogue)).toBeUndefined();
    const forecast = { bytesPerSecond: 1000, hoursLeft: 2.5, freeBytes: 9e6, atMs: 1_763_769_600_000 };
    markForecast(scene.catalogue, forecast);
    expect(markedForecast(scene.catalogue)).toEqual(forecast);
  });
});

describe("space that a disk gives back late", () => {
  it("counts as free for half a minute, unless it shows at once", () => {
    const frees = new SlowFrees();
    frees.deleted(0, 100, 1000, 1090);
    expect(frees.bytes(0)).toBe(0);
    frees.deleted(1000, 100, 1000, 1000);
    frees.deleted(2000, 100, 1000, 1020);
    expect([frees.bytes(2000), frees.bytes(31_500), frees.bytes(32_000)]).toEqual([180, 80, 0]);
  });
});
