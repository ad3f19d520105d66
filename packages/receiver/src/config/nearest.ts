// A longer name is no slip of the fingers, and comparing takes the product of both lengths.
const LONGEST = 64;

/** What to say of a name that is none of `known`: the one that is meant, if one is near, else `hint`. */
export function unknownName(name: string, known: readonly string[], hint: string): string {
  const meant = nearest(name, known);
  const shown = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  return `"${shown}" is not known${meant === undefined ? `; ${hint}` : `: did you mean ${meant}?`}`;
}

/** The name that was meant: `ws-port`, `WS_PORT` and `wsProt` are `wsPort`; undefined when none is near. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const plain = plainName(name);
  const distances = known.map((candidate) => distance(plain, plainName(candidate)));
  const least = Math.min(...distances);
  return least <= Math.max(1, plain.length / 4) ? known[distances.indexOf(least)] : undefined;
}

function plainName(name: string): string {
  return name.replaceAll(/[-_:. ]/g, "").toLowerCase();
}

/** Letters to put in, take out or change (Levenshtein), a swap of two neighbours being two of these. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length];
}
