import { setImmediate } from "node:timers/promises";
import type { Catalogue } from "@audio/archive";
import type { SegmentUpload } from "../steps/segment-upload.js";

// Reckoned with 200 bytes each, 40 MB of memory. What is beyond costs a request more than it needs.
const MOST_KEYS = 200_000;
const YIELD_EVERY = 500;

/** Keys under which files that are here would be in the store, and the numbers of their segments. */
export async function expectedKeys(
  { segments }: Catalogue,
  uploads: Pick<SegmentUpload, "keyOf" | "missing">,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const keys = new Map<string, number>();
  let count = 0;
  for (const segment of segments.each()) {
    if (++count % YIELD_EVERY === 0) {
      signal?.throwIfAborted();
      await setImmediate();
    }
    for (const { form } of uploads.missing(segment)) keys.set(uploads.keyOf(segment, form), segment.id);
    if (keys.size >= MOST_KEYS) break;
  }
  return keys;
}
