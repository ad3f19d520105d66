import { describe, expect, it } from "vitest";
import { isOutage, retryDelayMs } from "../src/index.js";
import { DEFAULT_ATTEMPTS } from "../src/settings.js";

const UNREACHABLE = { code: "hook-unreachable", retryable: true, retryAfterMs: undefined } as const;
const HOOK = { attempts: DEFAULT_ATTEMPTS.webhook };

const delays = (attempts: number, error: Parameters<typeof retryDelayMs>[1], random = 0) =>
  Array.from({ length: attempts + 1 }, (_, i) => retryDelayMs({ attempts }, error, i + 1, random));

describe("a failed delivery is tried again", () => {
  it("after 5 s, then twice as long each time, up to 15 min", () => {
    const seconds = delays(12, UNREACHABLE).map((ms) => (ms === undefined ? undefined : ms / 1000));
    expect(seconds).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, undefined, undefined]);
  });

  it("less up to a half by chance", () => {
    expect(retryDelayMs(HOOK, UNREACHABLE, 1, 1)).toBe(2500);
    expect(retryDelayMs(HOOK, UNREACHABLE, 1, 0.5)).toBe(3750);
  });

  it("not before the other side wants it", () => {
    expect(retryDelayMs(HOOK, { ...UNREACHABLE, retryAfterMs: 120_000 }, 1, 0)).toBe(120_000);
    expect(retryDelayMs(HOOK, { ...UNREACHABLE, retryAfterMs: 0 }, 1, 0)).toBe(5000);
  });

  it("for ten minutes, a command; for three days, a webhook", () => {
    const hours = (attempts: number) =>
      delays(attempts, UNREACHABLE, 0.5).reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 3_600_000;
    expect(hours(DEFAULT_ATTEMPTS.command) * 60).toBeCloseTo(8, 0);
    expect(hours(DEFAULT_ATTEMPTS.webhook)).toBeCloseTo(73.6, 1);
  });

  it("three times at most when the other side refuses it", () => {
    const error = { ...UNREACHABLE, code: "hook-refused" } as const;
    expect(delays(8, error).filter((ms) => ms !== undefined)).toHaveLength(2);
    expect(delays(1, error)).toEqual([undefined, undefined]);
  });

  it("never, if nothing can come of it", () => {
    expect(retryDelayMs(HOOK, { ...UNREACHABLE, retryable: false }, 1)).toBeUndefined();
  });

  it("at once and however often, if only the receiver stopped", () => {
    expect(retryDelayMs({ attempts: 1 }, { ...UNREACHABLE, code: "hook-stopped" }, 99)).toBe(0);
  });
});

it("all of a hook's deliveries wait when nobody answers, or the program is not there", () => {
  const codes = [
    "hook-unreachable",
    "hook-not-started",
    "hook-failed",
    "hook-refused",
    "hook-timeout",
  ] as const;
  expect(codes.filter((code) => isOutage({ code }))).toEqual(["hook-unreachable", "hook-not-started"]);
});
