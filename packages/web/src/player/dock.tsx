import { computed, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { mode, notice } from "./state.js";

const isNeeded = computed(() => mode.value !== "nothing" || notice.value !== undefined);

/** Where the player stands. Its bar is loaded when there is first something to play. */
export function PlayerDock() {
  const [Bar, setBar] = useState<ComponentType>();
  useSignalEffect(() => {
    if (isNeeded.value && Bar === undefined)
      void import("./bar/bar.js").then(({ PlayerBar }) => setBar(() => PlayerBar));
  });
  return Bar === undefined ? null : <Bar />;
}
