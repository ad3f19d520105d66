// So many wrong tokens may come from one address at once, and then one every 2 s.
const BURST = 10;
const RECOVERY_MS = 2000;
// A device that is let in now and then keeps its address open for neighbours behind the same router.
const TRUST_MS = 3_600_000;
// About 1 MB of addresses; an attacker with more of them is not slowed by this.
const MOST_ADDRESSES = 10_000;

interface Attempts {
  failures: number;
  lastFailureMs: number;
  lastSuccessMs: number;
}

/**
 * Slows down who tries tokens. An address from which a right token came within the hour is not slowed: one device
 * with an old token must not lock out a fleet behind the same router. Forgets the address that it knows longest.
 */
export class AttemptLimit {
  readonly #addresses = new Map<string, Attempts>();
  readonly #trustMs: number;

  /**
   * @param trustMs how long an address is not slowed after a right token; 0 for secrets that people choose, which a
   * neighbour behind the same router might guess meanwhile
   */
  constructor(trustMs = TRUST_MS) {
    this.#trustMs = trustMs;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#addresses.size;
  }

  /** Whether a token that comes from there is looked at. */
  mayTry(address: string, nowMs: number): boolean {
    const attempts = this.#addresses.get(address);
    if (attempts === undefined || nowMs - attempts.lastSuccessMs < this.#trustMs) return true;
    return remaining(attempts, nowMs) < BURST;
  }

  failed(address: string, nowMs: number): void {
    const attempts = this.#of(address);
    attempts.failures = Math.min(BURST, remaining(attempts, nowMs) + 1);
    attempts.lastFailureMs = nowMs;
  }

  succeeded(address: string, nowMs: number): void {
    this.#of(address).lastSuccessMs = nowMs;
  }

  #of(address: string): Attempts {
    const known = this.#addresses.get(address);
    const attempts = known ?? { failures: 0, lastFailureMs: 0, lastSuccessMs: Number.NEGATIVE_INFINITY };
    this.#addresses.delete(address); // put back behind those of whom less was heard lately
    this.#addresses.set(address, attempts);
    if (this.#addresses.size > MOST_ADDRESSES) {
      const [oldest] = this.#addresses.keys();
      this.#addresses.delete(oldest);
    }
    return attempts;
  }
}

function remaining({ failures, lastFailureMs }: Attempts, nowMs: number): number {
  return Math.max(0, failures - Math.floor((nowMs - lastFailureMs) / RECOVERY_MS));
}
