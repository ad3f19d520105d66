/** What one of several that play together must do to be where the first of them is. */
export type Correction =
  | { readonly kind: "none" }
  | { readonly kind: "rate"; readonly factor: number }
  | { readonly kind: "seek" };

/** Nobody hears two microphones apart by less: within the fusion of echoes, some 30 ms. */
const TOGETHER_S = 0.015;
/** What is further off is put right at once: by rate it would take too long. */
const JUMP_S = 0.3;
/** A change of pace that nobody hears while pitch is kept. */
const MOST_FACTOR = 0.06;
/** A small offset is made up for in so many seconds. */
const SETTLE_S = 1;

/**
 * How a follower is brought together with the master.
 * @param aheadS seconds by which the follower is ahead of the master, negative = behind
 */
export function correct(aheadS: number): Correction {
  const off = Math.abs(aheadS);
  if (off <= TOGETHER_S) return { kind: "none" };
  if (off >= JUMP_S) return { kind: "seek" };
  const change = Math.min(MOST_FACTOR, off / SETTLE_S);
  return { kind: "rate", factor: aheadS > 0 ? 1 - change : 1 + change };
}
