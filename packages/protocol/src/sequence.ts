/**
 * What a sequence number says: `next` = as expected, `lost` = frames before it are missing, `repeated` = it was
 * there already or comes too late, `restart` = so far off that the sender began anew.
 */
export type SequenceStep = "next" | "lost" | "repeated" | "restart";

/**
 * Compares modulo 2³², the shorter way round; the number just half the range away counts as behind.
 * @param expected 0 … 2³²−1, the number after the last one taken
 * @param seq 0 … 2³²−1
 * @param maxGapFrames 0 … 2³¹, how far ahead or behind a number may be before it counts as a restart
 */
export function classifySequence(expected: number, seq: number, maxGapFrames: number): SequenceStep {
  const distance = (seq - expected) | 0;
  if (distance === 0) return "next";
  if (Math.abs(distance) > maxGapFrames) return "restart";
  return distance > 0 ? "lost" : "repeated";
}

/** How many frames are missing when `seq` arrives where `expected` was to come, 0 … 2³²−1: always the way ahead. */
export function framesLost(expected: number, seq: number): number {
  return (seq - expected) >>> 0;
}

/** The number after `seq`; 2³²−1 is followed by 0. */
export function nextSequence(seq: number): number {
  return (seq + 1) >>> 0;
}
