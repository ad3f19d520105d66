import { signal } from "@preact/signals";

let timer: ReturnType<typeof setInterval> | undefined;

/** Counts seconds while somebody looks at it: one timer for everything on the page that tells time. */
export const second = signal(0, {
  watched() {
    timer = setInterval(() => {
      second.value++;
    }, 1000);
  },
  unwatched() {
    clearInterval(timer);
  },
});
