import { server } from "../../server/client.js";
import type { Span, Stretch } from "../plan/windows.js";

/** What devices have around a moment. */
export interface Found extends Span {
  readonly stretches: ReadonlyMap<string, readonly Stretch[]>;
}

// Far enough for two windows, so that the second is known before the first is over.
const AHEAD_US = 2 * 3_600_000_000;
const BEHIND_US = 60_000_000;
/** What is still being recorded grows. */
const FRESH_MS = 3_000;
const KEPT_MS = 60_000;

/** Asks for the timeline, and remembers the last answer for a while. */
export class Surroundings {
  private last: (Found & { readonly askedMs: number }) | undefined;

  constructor(private readonly devices: readonly string[]) {}

  /** @throws ApiError; the signal's reason */
  async at(us: number, signal: AbortSignal): Promise<Found> {
    const { last } = this;
    if (last !== undefined && us >= last.fromUs && us + AHEAD_US / 2 <= last.toUs && isFresh(last))
      return last;
    const span = { fromUs: Math.round(us - BEHIND_US), toUs: Math.round(us + AHEAD_US) };
    const query = { device: [...this.devices], from: String(span.fromUs), to: String(span.toUs) };
    const { devices } = await server.call("GET /timeline", { query, signal });
    const stretches = new Map(devices.map((each) => [each.device, each.stretches]));
    this.last = { ...span, stretches, askedMs: performance.now() };
    return this.last;
  }
}

function isFresh({ stretches, askedMs }: Found & { readonly askedMs: number }): boolean {
  const grows = [...stretches.values()].some((each) => each.some(([, , where]) => where === "recording"));
  return performance.now() - askedMs < (grows ? FRESH_MS : KEPT_MS);
}

/** Beginning of the first recording after a moment; undefined when there is none. */
export async function firstAfter(
  devices: readonly string[],
  us: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const pages = await Promise.all(
    devices.map((device) =>
      server.call("GET /segments", {
        query: { device, from: String(Math.round(us)), order: "oldest", limit: 1 },
        signal,
      }),
    ),
  );
  const starts = pages.flatMap(({ segments }) => segments.map(({ startUs }) => startUs));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** End of the last recording before a moment; undefined when there is none. */
export async function lastBefore(
  devices: readonly string[],
  us: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const pages = await Promise.all(
    devices.map((device) =>
      server.call("GET /segments", {
        query: { device, to: String(Math.round(us)), order: "latest", limit: 1 },
        signal,
      }),
    ),
  );
  const ends = pages.flatMap(({ segments }) => segments.map(({ endUs }) => endUs));
  return ends.length === 0 ? undefined : Math.min(Math.max(...ends), us);
}
