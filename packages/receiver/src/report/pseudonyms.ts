import { isIP } from "node:net";

const ADDRESSES = [
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g,
  /(?<![\w.:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:]|\.\d)/gi,
];
// As devices are called after their address: 192-168-1-27.
const ADDRESS_IN_NAME = /(?<![\w-])\d{1,3}(?:-\d{1,3}){3}(?![\w-])/g;
const HARDWARE = /(?<![\w:])(?:[\da-f]{2}[:_-]){5}[\da-f]{2}(?![\w:])/gi;
// These say nothing about anybody.
const EVERYBODYS = /^(127\.|0\.0\.0\.0$|::1?$|255\.)/;

/** Stands in for names and addresses: the same one always gets the same number. */
export class Pseudonyms {
  readonly #given = new Map<string, string>();
  readonly #names: RegExp | undefined;

  /** @param names by kind, as `{ device: ["kitchen"] }`: kitchen becomes `device-1` */
  constructor(names: Readonly<Record<string, Iterable<string>>>) {
    for (const [kind, all] of Object.entries(names)) {
      const sorted = [...new Set(all)].filter((name) => /\w/.test(name)).sort();
      sorted.forEach((name, i) => void (this.#given.has(name) || this.#given.set(name, `${kind}-${i + 1}`)));
    }
    const longestFirst = [...this.#given.keys()].sort((a, b) => b.length - a.length).map(bounded);
    this.#names = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join("|"), "g");
  }

  /** The text with pseudonyms in it. */
  replace(text: string): string {
    const renamed =
      this.#names === undefined ? text : text.replace(this.#names, (name) => this.#given.get(name)!);
    const numbered = (text: string) => (isSomebodys(text) ? this.#numbered("address", text) : undefined);
    const withoutHardware = renamed.replace(HARDWARE, (found) => this.#numbered("hardware", found));
    return ADDRESSES.reduce(
      (all, shape) => all.replace(shape, (found) => numbered(found) ?? found),
      withoutHardware,
    ).replace(ADDRESS_IN_NAME, (found) => numbered(found.replaceAll("-", ".")) ?? found);
  }

  #numbered(kind: string, found: string): string {
    const key = `${kind} ${found.toLowerCase()}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const count = [...this.#given.keys()].filter((other) => other.startsWith(`${kind} `)).length;
    this.#given.set(key, `${kind}-${count + 1}`);
    return `${kind}-${count + 1}`;
  }
}

function isSomebodys(address: string): boolean {
  return isIP(address) !== 0 && !EVERYBODYS.test(address);
}

// File names hold a device's name between underscores. A name of one or two letters is part of too many words for that.
function bounded(name: string): string {
  const text = name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const neighbours = name.length < 3 ? "[\\w-]" : "[A-Za-z0-9]";
  return `(?<!${neighbours})${text}(?!${neighbours})`;
}
