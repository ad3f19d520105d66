import { withoutSecrets } from "../access/token.js";

/** What stands where a secret was. */
export const MASK = "***";

// Shorter ones stand in any text by chance, and masking them would leave nothing to read.
const LEAST_LETTERS = 4;

/** What secrets look like wherever they come from: [what, what stays of it]. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*@/gi, `$1${MASK}@`], // user and password of an address
  [/\b(basic|bearer|digest)\s+["']?[\w+/=.~:-]{4,}/gi, `$1 ${MASK}`],
  [/\bscrypt:[\w:-]{20,}/g, MASK],
  [/\b(AKIA|ASIA|SCW)[A-Z0-9]{16,17}\b/g, MASK],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?/g, MASK], // JSON web tokens
  [/([?&][\w.-]*(?:token|secret|password|signature|credential|key)[\w.-]*=)[^&\s"']+/gi, `$1${MASK}`],
  [
    /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|authorization)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s"',;{}]+)/gi,
    `$1${MASK}`,
  ],
  [/(web login: \S+ \/ )\S+/g, `$1${MASK}`],
];

/** Takes secrets out of text: those that are known, in the forms in which they are written, and what looks like one. */
export class Scrubber {
  readonly #known: RegExp | undefined;

  /** @param secrets to be found anywhere; those of less than 4 letters are left out */
  constructor(secrets: Iterable<string>) {
    const forms = [
      ...new Set([...secrets].filter((secret) => secret.length >= LEAST_LETTERS).flatMap(formsOf)),
    ];
    const longestFirst = forms.sort((a, b) => b.length - a.length).map(escaped);
    this.#known = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join("|"), "g");
  }

  /** The text without secrets. Again = the same. */
  clean(text: string): string {
    const known = this.#known === undefined ? text : text.replace(this.#known, MASK);
    return SHAPES.reduce((all, [shape, rest]) => all.replace(shape, rest), withoutSecrets(known));
  }
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    inJson,
    uriComponent(secret),
    base64,
    base64.replace(/=+$/, ""),
    JSON.stringify(inJson).slice(1, -1),
  ];
}

function uriComponent(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()); // a lone surrogate cannot be encoded as it is
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
