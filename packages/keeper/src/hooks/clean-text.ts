/** Longest text of a peer that reaches a hook, in UTF-16 units. */
const MAX_TEXT = 1024;

/** Device names and the like come from the network and may be of any length. */
export function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** Text that is one line of visible characters: fit for an environment variable, an argument, a log. */
export function oneLine(text: string): string {
  // Control and format characters, lone surrogates, and what breaks lines in Unicode.
  return cut(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "_");
}
