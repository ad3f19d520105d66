import type { TimeZone } from "@audio/segments";
import { ReceiverError } from "../../errors.js";
import { timeOf } from "../../time-of.js";
import { WebFailure } from "../web-failure.js";

// Seconds have 11 digits up to the year 5138, milliseconds 14.
const SINCE_1970 = /^\d{1,16}$/;

/**
 * A time of a query (`Time` of @audio/api): UTC, microseconds since the epoch. Without an offset it is wall time in
 * `zone`.
 * @param end which end of a range it is: of a date alone, `from` means its start, `to` its end
 * @throws WebFailure 400
 */
function queryTime(text: string, end: "from" | "to", zone: TimeZone): number {
  const us = microsecondsIn(text, end, zone);
  if (Number.isSafeInteger(us)) return us;
  throw new WebFailure(400, `query: ${end}: "${text}" lies too far away: allowed are the years 1684 to 2255`);
}

function microsecondsIn(text: string, end: "from" | "to", zone: TimeZone): number {
  if (SINCE_1970.test(text)) return Number(text) * microsecondsOf(text.length);
  try {
    const day = end === "from" ? "start" : "end";
    return timeOf(text, { option: `query: ${end}`, zone, nowUs: Date.now() * 1000, day });
  } catch (error) {
    if (error instanceof ReceiverError) throw new WebFailure(400, error.message);
    throw error;
  }
}

/**
 * Both ends of a query's range; those that it leaves open are undefined.
 * @throws WebFailure 400
 */
export function queryRange<Text extends string | undefined>(
  { from, to }: { readonly from?: Text; readonly to?: Text },
  zone: TimeZone,
): { readonly fromUs: TimeFor<Text>; readonly toUs: TimeFor<Text> } {
  const fromUs = from === undefined ? undefined : queryTime(from, "from", zone);
  const toUs = to === undefined ? undefined : queryTime(to, "to", zone);
  if (fromUs !== undefined && toUs !== undefined && fromUs >= toUs)
    throw new WebFailure(400, "query: from must be before to");
  return { fromUs: fromUs as TimeFor<Text>, toUs: toUs as TimeFor<Text> };
}

type TimeFor<Text> = Text extends string ? number : undefined;

function microsecondsOf(digits: number): number {
  if (digits <= 11) return 1_000_000;
  return digits <= 14 ? 1000 : 1;
}
