/** Until it is known. */
const FIRST_S = 0.04;
const MOST_S = 0.25;

/** How much earlier than it is to be heard an element must be told to play: what this browser needed the last times. */
export class Lead {
  private begunMs: number | undefined;

  seconds = FIRST_S;

  /** One that was ready is told to play. */
  begin(nowMs: number): void {
    this.begunMs = nowMs;
  }

  /** It is heard. */
  heard(nowMs: number): void {
    if (this.begunMs === undefined) return;
    this.seconds = Math.min(MOST_S, (this.seconds + (nowMs - this.begunMs) / 1000) / 2);
    this.begunMs = undefined;
  }
}
