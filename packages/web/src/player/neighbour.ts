import { server } from "../server/client.js";
import { nearest } from "./plan/nearest.js";
import { AROUND_US, type Heard } from "./plan/review.js";

export type Neighbour =
  | { readonly kind: "sound"; readonly us: number }
  | { readonly kind: "told" | "trouble"; readonly text: string };

const HOUR_US = 3_600_000_000;
/** How far it is looked for sounds before a moment: the answer has them oldest first, so the nearest hour is asked first. */
const BACK_US = [HOUR_US, 24 * HOUR_US, 30 * 24 * HOUR_US];

/**
 * The moment a little before the next sound event of devices, or the one before.
 * @param known sounds to choose from; undefined = the receiver is asked
 */
export async function neighbour(
  devices: readonly string[],
  us: number,
  direction: 1 | -1,
  known?: readonly Heard[],
): Promise<Neighbour> {
  try {
    const start = known === undefined ? await asked(devices, us, direction) : nearest(known, us, direction);
    if (start !== undefined) return { kind: "sound", us: start - AROUND_US };
    return {
      kind: "told",
      text: `There is no sound event ${direction > 0 ? "after" : "before"} this moment.`,
    };
  } catch (error) {
    return { kind: "trouble", text: error instanceof Error ? error.message : String(error) };
  }
}

async function asked(devices: readonly string[], us: number, direction: 1 | -1): Promise<number | undefined> {
  if (direction > 0)
    return nearest(await soundsOf(devices, { from: String(Math.round(us)), limit: 20 }), us, 1);
  for (const back of BACK_US) {
    const query = { from: String(Math.round(us - back)), to: String(Math.round(us)), limit: 10_000 };
    const start = nearest(await soundsOf(devices, query), us, -1);
    if (start !== undefined) return start;
  }
  return undefined;
}

async function soundsOf(
  devices: readonly string[],
  query: { readonly from: string; readonly to?: string; readonly limit: number },
): Promise<Heard[]> {
  const lists = await Promise.all(
    devices.map((device) => server.call("GET /sounds", { query: { device, ...query } })),
  );
  return lists.flat();
}
