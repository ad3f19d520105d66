import type { TimeRange } from "@audio/archive";
import { WebFailure } from "../web-failure.js";

const DAY_US = 86_400_000_000;
// Of 8640 segments each, they take some 20 s the first time; other questions come in between.
const MOST_DEVICE_DAYS = 400;

/**
 * Passes for a range that can be drawn in one answer.
 * @throws WebFailure 400
 */
export function requireDrawable(devices: number, { fromUs, toUs }: TimeRange): void {
  const days = (toUs - fromUs) / DAY_US;
  if (days * devices <= MOST_DEVICE_DAYS) return;
  const found = `${Math.ceil(days)} days of ${devices} ${devices === 1 ? "device" : "devices"}`;
  throw new WebFailure(
    400,
    `query: ${found} are more than ${MOST_DEVICE_DAYS} days of one device: ask for less`,
  );
}

/** A range in parts of a day at most, for questions that should not hold up others. */
export function dayByDay({ fromUs, toUs }: TimeRange): TimeRange[] {
  const parts: TimeRange[] = [];
  for (let us = fromUs; us < toUs; us += DAY_US)
    parts.push({ fromUs: us, toUs: Math.min(toUs, us + DAY_US) });
  return parts;
}
