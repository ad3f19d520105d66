/** A stretch of time: UTC, microseconds since the epoch; `toUs` is not in it. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The shortest stretch that is shown: a second over the whole width. */
export const SHORTEST_US = 1_000_000;

/** Where a time is drawn; outside of 0 … width when it is not in the view. */
export function xOf(view: Span, width: number, us: number): number {
  return ((us - view.fromUs) / (view.toUs - view.fromUs)) * width;
}

/** The time at a place. */
export function timeAt(view: Span, width: number, x: number): number {
  return view.fromUs + (x / width) * (view.toUs - view.fromUs);
}

/**
 * Nearer (factor < 1) or farther (> 1), with what is at a time staying where it is.
 * @param day what can be shown at most
 */
export function zoomed(view: Span, factor: number, aroundUs: number, day: Span): Span {
  const length = view.toUs - view.fromUs;
  const most = day.toUs - day.fromUs;
  const wanted = Math.min(most, Math.max(Math.min(SHORTEST_US, most), length * factor));
  const share = Math.min(1, Math.max(0, (aroundUs - view.fromUs) / length));
  return within({ fromUs: aroundUs - share * wanted, toUs: aroundUs + (1 - share) * wanted }, day);
}

/** Later (or earlier), as far as the day goes; as long as before. */
export function moved(view: Span, byUs: number, day: Span): Span {
  return within({ fromUs: view.fromUs + byUs, toUs: view.toUs + byUs }, day);
}

/** The same view, moved as little as need be so that a time is in it. */
export function showing(view: Span, us: number, day: Span): Span {
  if (us >= view.fromUs && us < view.toUs) return view;
  return centred(us, view.toUs - view.fromUs, day);
}

/** A view of a length around a time. */
export function centred(us: number, lengthUs: number, day: Span): Span {
  return within({ fromUs: us - lengthUs / 2, toUs: us + lengthUs / 2 }, day);
}

/** Moved into the day, cut to its length; whole microseconds. */
export function within(view: Span, day: Span): Span {
  const length = Math.min(view.toUs - view.fromUs, day.toUs - day.fromUs);
  const from = Math.min(Math.max(view.fromUs, day.fromUs), day.toUs - length);
  const fromUs = Math.round(from);
  return { fromUs, toUs: Math.min(day.toUs, fromUs + Math.round(length)) };
}

/** A stretch between two times, whichever comes first. */
export function between(oneUs: number, otherUs: number): Span {
  return { fromUs: Math.min(oneUs, otherUs), toUs: Math.max(oneUs, otherUs) };
}
