import { FORMS, type Form } from "../catalogue/segment.js";

const UNFINISHED = 1 << FORMS.length;

/** A stem, and the forms in which it is finished. */
export interface StemForms {
  readonly stem: string;
  readonly forms: readonly Form[];
}

/** Of any number of files that pass, those of the first `limit` stems behind `after`, in order. */
export class SmallestStems {
  readonly #limit: number;
  readonly #after: string | undefined;
  #forms = new Map<string, number>();
  /** The last stem that is kept, once others were dropped. */
  #last: string | undefined;

  constructor(limit: number, after: string | undefined) {
    this.#limit = limit;
    this.#after = after;
  }

  /** @param form undefined: the file is still being written */
  add(stem: string, form: Form | undefined): void {
    if (this.#after !== undefined && stem <= this.#after) return;
    if (this.#last !== undefined && stem > this.#last) return;
    const bit = form === undefined ? UNFINISHED : 1 << FORMS.indexOf(form);
    this.#forms.set(stem, (this.#forms.get(stem) ?? 0) | bit);
    if (this.#forms.size >= 2 * this.#limit) this.#trim();
  }

  /** What is kept, stems in progress left out; and the last stem that was considered if there are more behind it. */
  finish(): { readonly found: StemForms[]; readonly last: string | undefined } {
    if (this.#forms.size > this.#limit) this.#trim();
    const finished = [...this.#forms].filter(([, bits]) => bits < UNFINISHED);
    finished.sort(([a], [b]) => (a < b ? -1 : 1));
    const found = finished.map(([stem, bits]) => ({ stem, forms: FORMS.filter((_, i) => bits & (1 << i)) }));
    return { found, last: this.#last };
  }

  #trim(): void {
    const kept = [...this.#forms.keys()].sort().slice(0, this.#limit);
    this.#last = kept.at(-1);
    this.#forms = new Map(kept.map((stem) => [stem, this.#forms.get(stem) as number]));
  }
}
