import type { Segment } from "@audio/api";
import { server } from "../../server/client.js";
import type { Span, Stretch } from "../plan/windows.js";

/** What devices have around a moment. */
export interface Found extends Span {
  readonly stretches: ReadonlyMap<string, readonly Stretch[]>;
}

// Far enough for two windows, so that the second is known before the first is over.
const AHEAD_US = 2 * 3_600_000_000;
const BEHIND_US = 1_800_000_000;
/** What is still being recorded grows. */
const FRESH_MS = 3_000;
const KEPT_MS = 60_000;

interface Kept extends Found {
  readonly devices: string;
  readonly askedMs: number;
}

// One, for all programmes: who clicks again usually does so nearby.
let last: Kept | undefined;

/**
 * The timeline around a moment; the last answer is remembered for a while.
 * @throws ApiError; the signal's reason
 */
export async function around(devices: readonly string[], us: number, signal: AbortSignal): Promise<Found> {
  const who = devices.join(" ");
  if (last?.devices === who && us >= last.fromUs && us + AHEAD_US / 2 <= last.toUs && isFresh(last))
    return last;
  const askedMs = performance.now();
  const span = { fromUs: Math.round(us - BEHIND_US), toUs: Math.round(us + AHEAD_US) };
  const query = { device: [...devices], from: String(span.fromUs), to: String(span.toUs) };
  const timeline = await server.call("GET /timeline", { query, signal });
  const stretches = new Map(timeline.devices.map((each) => [each.device, each.stretches]));
  last = { ...span, devices: who, stretches, askedMs };
  return last;
}

function isFresh({ stretches, askedMs }: Kept): boolean {
  const grows = [...stretches.values()].some((each) => each.some(([, , where]) => where === "recording"));
  return performance.now() - askedMs < (grows ? FRESH_MS : KEPT_MS);
}

/** Beginning of the first recording after a moment; undefined when there is none. */
export async function firstAfter(
  devices: readonly string[],
  us: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const from = String(Math.round(us));
  const found = await oneOfEach(devices, { from, order: "oldest" }, signal);
  return found.length === 0 ? undefined : Math.min(...found.map(({ startUs }) => startUs));
}

/** End of the last recording before a moment; undefined when there is none. */
export async function lastBefore(
  devices: readonly string[],
  us: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const to = String(Math.round(us));
  const found = await oneOfEach(devices, { to, order: "latest" }, signal);
  return found.length === 0 ? undefined : Math.min(Math.max(...found.map(({ endUs }) => endUs)), us);
}

async function oneOfEach(
  devices: readonly string[],
  where: { readonly from?: string; readonly to?: string; readonly order: "oldest" | "latest" },
  signal: AbortSignal,
): Promise<Segment[]> {
  const pages = await Promise.all(
    devices.map((device) => server.call("GET /segments", { query: { device, ...where, limit: 1 }, signal })),
  );
  return pages.flatMap(({ segments }) => segments);
}
