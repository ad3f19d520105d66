/** Until it is known: Chromium needs some 150 ms from play() of an element that is ready to its first sample. */
const FIRST_S = 0.12;
const MOST_S = 0.25;
/** Before that an element's clock is not to be believed. */
const SETTLED_S = 0.5;

/** How much earlier than it is to be heard an element must be told to play; learned from the holes that were left. */
export class Lead {
  private begun: { readonly ms: number; readonly remainingS: number } | undefined;

  seconds = FIRST_S;

  /** One that was ready is told to play. @param remainingS real time that the one before it still has */
  begin(ms: number, remainingS: number): void {
    this.begun = { ms, remainingS };
  }

  /** @param heardS real time of it that was heard so far */
  heard(ms: number, heardS: number): void {
    if (this.begun === undefined || heardS < SETTLED_S) return;
    const holeS = (ms - this.begun.ms) / 1000 - this.begun.remainingS - heardS;
    this.seconds = Math.min(MOST_S, Math.max(0, this.seconds + holeS / 2));
    this.begun = undefined;
  }

  /** Something else than the next was played: nothing is learned from it. */
  forget(): void {
    this.begun = undefined;
  }
}
