/** Numbers as people read them. */

const MINUS = "\u2212";
/** Between a number and its unit, where no line may break. */
const NEAR = "\u00a0";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time: `2 h 05 min`, `3 min 20 s`, `12 s`, `0.25 s`, `3 d 4 h`; the two largest units say enough. */
export function durationOf(us: number): string {
  const whole = Math.round(us / SECOND) * SECOND;
  if (us < 0) return `${MINUS}${durationOf(-us)}`;
  if (us < 10 * SECOND) return `${Number((us / SECOND).toFixed(2))}${NEAR}s`;
  if (whole < MINUTE) return `${whole / SECOND}${NEAR}s`;
  if (whole < HOUR) return pair(whole, MINUTE, "min", SECOND, "s");
  if (whole < DAY) return pair(whole, HOUR, "h", MINUTE, "min");
  return pair(whole, DAY, "d", HOUR, "h");
}

function pair(us: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((us % large) / small);
  const first = `${Math.floor(us / large)}${NEAR}${largeUnit}`;
  if (rest === 0) return first;
  const digits = smallUnit === "h" ? 1 : 2; // `2 h 05 min` stands in columns; hours of days are read, not compared
  return `${first}${NEAR}${String(rest).padStart(digits, "0")}${NEAR}${smallUnit}`;
}

/** How long ago: `now`, `12 s ago`, `3 min ago`, `2 h ago`, `3 days ago`. */
export function agoOf(us: number): string {
  if (us < 2 * SECOND) return "now";
  if (us < MINUTE) return `${Math.floor(us / SECOND)}${NEAR}s ago`;
  if (us < HOUR) return `${Math.floor(us / MINUTE)}${NEAR}min ago`;
  if (us < 2 * DAY) return `${Math.floor(us / HOUR)}${NEAR}h ago`;
  return `${Math.floor(us / DAY)}${NEAR}days ago`;
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Bytes: `312 bytes`, `44 kB`, `1.25 GB`; a thousand each. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes}${NEAR}${bytes === 1 ? "byte" : "bytes"}`;
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${NEAR}${UNITS[unit]}`;
}

/** A level: `−12.3 dBFS`; −120 is as quiet as it can be told. */
export function dbfsOf(dbfs: number): string {
  return dbfs <= -120 ? `silence` : `${signed(dbfs, 1)}${NEAR}dBFS`;
}

/** A number with a real minus. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text;
}

/** A rate: `16 kHz`, `44.1 kHz`, `800 Hz`. */
export function rateOf(hz: number): string {
  return hz < 1000 ? `${hz}${NEAR}Hz` : `${Number((hz / 1000).toFixed(3))}${NEAR}kHz`;
}

/** `1 channel`, `3 channels`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB").replaceAll(",", "\u202f")}${NEAR}${count === 1 ? one : many}`;
}

/** A share: `0 %`, `0.02 %`, `12 %`; what is there is never shown as nothing. */
export function percentOf(part: number, whole: number): string {
  if (part === 0 || whole === 0) return `0${NEAR}%`;
  const percent = (100 * part) / whole;
  if (percent < 0.01) return `<${NEAR}0.01${NEAR}%`;
  return `${Number(percent.toPrecision(2))}${NEAR}%`;
}
