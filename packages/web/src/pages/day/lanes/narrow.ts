import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 640px)");

/** A phone: one lane at a time, tall enough for a thumb. */
export const isNarrow = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  isNarrow.value = matches;
});
