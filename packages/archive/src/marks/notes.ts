import { isoTime, type MarkKind, timeFrom } from "./mark-file.js";

/** What somebody heard in a stretch of a device's recordings. */
export interface Note {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** Its name; `~` = all senders that gave none. */
  readonly device: string;
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly text: string;
  /** Name of the user who wrote it. */
  readonly author: string;
  /** UTC, microseconds since the epoch. */
  readonly createdUs: number;
}

/** How notes are kept: `notes.json`. */
export const NOTES: MarkKind<Note> = {
  file: "notes.json",
  code: "invalid-notes",
  list: "notes",
  one: "note",
  most: 10_000,
  mostBytes: 8_000_000,
  advice: "",
  written: ({ fromUs, toUs, createdUs, ...rest }) => ({
    ...rest,
    from: isoTime(fromUs),
    to: isoTime(toUs, Math.ceil),
    created: isoTime(createdUs),
  }),
  read({ id, device, from, to, text, author, created }) {
    const [fromUs, toUs, createdUs] = [from, to, created].map(timeFrom);
    if (typeof id !== "string" || typeof device !== "string" || !(fromUs <= toUs)) return undefined;
    if (typeof text !== "string" || typeof author !== "string" || Number.isNaN(createdUs)) return undefined;
    return { id, device, fromUs, toUs, text, author, createdUs };
  },
};
