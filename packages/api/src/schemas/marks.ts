import { z } from "zod";
import { DeviceName, Microseconds } from "./common.js";

/** A stretch of a device, as somebody selects it. */
const Selection = z
  .object({ device: DeviceName, fromUs: Microseconds, toUs: Microseconds })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");

/** A stretch that nobody deletes. */
export const Pin = z.object({
  id: z.string(),
  device: DeviceName,
  fromUs: Microseconds,
  toUs: Microseconds,
  note: z.string().nullable(),
  createdUs: Microseconds,
});
export type Pin = z.infer<typeof Pin>;
export const NewPin = Selection.and(z.object({ note: z.string().max(500).optional() }));

/** What somebody heard. */
export const Note = z.object({
  id: z.string(),
  device: DeviceName,
  fromUs: Microseconds,
  toUs: Microseconds,
  text: z.string(),
  author: z.string(),
  createdUs: Microseconds,
});
export type Note = z.infer<typeof Note>;
export const NewNote = Selection.and(z.object({ text: z.string().trim().min(1).max(2000) }));

/** What a deletion takes, or has taken. Files are deleted whole, so it may reach beyond what was selected. */
export const Loss = z.object({
  device: DeviceName,
  fromUs: Microseconds.nullable(),
  toUs: Microseconds.nullable(),
  segments: z.int(),
  recordedUs: z.int(),
  localBytes: z.int(),
  remoteCopies: z.int().describe("copies in the bucket: they are deleted too"),
  keptSegments: z.int().describe("how many stay, or a part of them"),
  kept: z
    .array(z.object({ stem: z.string(), why: z.string() }))
    .describe("the first thousand of them, and why: pinned, being recorded"),
});
export type Loss = z.infer<typeof Loss>;
export const Deletion = Selection.and(
  z.object({
    segments: z.int().min(0).describe("how many segments the asker was told it takes: more are not deleted"),
  }),
);

/** One thing that was found. */
export const Finding = z.object({
  kind: z.enum(["device", "date", "note", "pin"]),
  device: DeviceName.nullable(),
  title: z.string(),
  fromUs: Microseconds.nullable(),
  toUs: Microseconds.nullable(),
  date: z.iso.date().nullable(),
});
export type Finding = z.infer<typeof Finding>;
