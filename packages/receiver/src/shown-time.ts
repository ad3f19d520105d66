import type { TimeZone } from "@audio/segments";

/** `2026-11-21 18:00:00.215`, wall time in the zone. */
export function shownTime(us: number, zone: TimeZone): string {
  const { year, month, day, hour, minute, second, microsecond } = zone.local(us);
  const two = (n: number) => String(n).padStart(2, "0");
  const ms = String(Math.floor(microsecond / 1000)).padStart(3, "0");
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}.${ms}`;
}

/** `0.02 s`, `59.5 s`, `3 min 5 s`, `2 h 0 min`, `3 d 4 h` */
export function shownDuration(us: number): string {
  const seconds = Math.round(us / 1000) / 1000;
  if (seconds < 60) return `${seconds} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
