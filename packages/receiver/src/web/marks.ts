import { CARDS, type Card, Marks, NOTES, type Note, PINS, type Pin } from "@audio/archive";

/** What people said of recordings and devices: `pins.json`, `notes.json` and `devices.json` in the data directory. */
export interface MarkStores {
  readonly pins: Marks<Pin>;
  readonly notes: Marks<Note>;
  readonly cards: Marks<Card>;
}

/** Their contents are kept in memory, and read again when they have changed. */
export function openMarks(dataDir: string): MarkStores {
  return {
    pins: new Marks(dataDir, PINS),
    notes: new Marks(dataDir, NOTES),
    cards: new Marks(dataDir, CARDS),
  };
}
