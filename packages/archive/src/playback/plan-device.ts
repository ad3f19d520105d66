import type { Catalogue } from "../catalogue/catalogue.js";
import { planRange, type RangePlan, type RangeQuery } from "./plan.js";
import { JOIN_TOLERANCE_US } from "./tape.js";

/**
 * Plans the audio of a device from the catalogue; see `planRange`. Takes some 10 µs and 1 kB a segment: a day in
 * segments of 10 s is 8640 of them.
 *
 * @param device null: senders without a name
 * @returns undefined when there is no audio in the range
 * @throws as `planRange`
 */
export function planDevice(
  catalogue: Catalogue,
  device: string | null,
  query: RangeQuery,
): RangePlan | undefined {
  const { fromUs, toUs, streamId } = query;
  const [first, last] = [fromUs - JOIN_TOLERANCE_US, toUs + JOIN_TOLERANCE_US];
  return planRange([...catalogue.segments.each({ device, streamId, fromUs: first, toUs: last })], query);
}
