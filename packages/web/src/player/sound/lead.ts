/** Until it is known: Chromium needs some 150 ms from play() of an element that is ready to its first sample. */
const FIRST_S = 0.12;
const MOST_S = 0.25;

/** How much earlier than it is to be heard an element must be told to play: what this browser needed the last times. */
export class Lead {
  private begunMs: number | undefined;

  seconds = FIRST_S;

  /** One that was ready is told to play. */
  begin(nowMs: number): void {
    this.begunMs = nowMs;
  }

  /** @param startMs when its first sample was heard: it is said to be playing earlier than that */
  heard(startMs: number): void {
    if (this.begunMs === undefined) return;
    this.seconds = Math.min(MOST_S, (this.seconds + Math.max(0, startMs - this.begunMs) / 1000) / 2);
    this.begunMs = undefined;
  }
}
