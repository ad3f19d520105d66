import type { Setting } from "./setting-kinds.js";

/** A setting's value for the eyes of people: without its secrets. */
export function shownValue(setting: Setting, value: unknown): unknown {
  if (setting.shown !== undefined) return setting.shown(value);
  return setting.secret && value !== undefined ? "***" : value;
}
