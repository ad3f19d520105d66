import type { MarkKind } from "./mark-file.js";

/** What people wrote to a device; empty = nothing. */
export interface Card {
  /** Its name; `~` = all senders that gave none. */
  readonly device: string;
  /** How people call it. */
  readonly label: string;
  /** Devices with the same word stand together. */
  readonly group: string;
  readonly note: string;
}

/** How cards are kept: `devices.json`. */
export const CARDS: MarkKind<Card> = {
  file: "devices.json",
  code: "invalid-cards",
  list: "devices",
  one: "device",
  most: 10_000,
  mostBytes: 8_000_000,
  advice: "",
  written: (card) => card,
  read({ device, label = "", group = "", note = "" }) {
    if (typeof device !== "string" || typeof label !== "string") return undefined;
    if (typeof group !== "string" || typeof note !== "string") return undefined;
    return { device, label, group, note };
  },
};
