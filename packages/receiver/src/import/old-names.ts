import { type PathParts, type PathReader, templateReader } from "@audio/segments";

/** The ways in which earlier receivers named their files: by date and minute, or by stream, device and second. */
export const OLD_LAYOUTS = ["dated", "received"] as const;
export type OldLayout = (typeof OLD_LAYOUTS)[number];

/** What the name of an old file tells. */
export interface OldName extends PathParts {
  readonly layout: OldLayout;
  /** The device as it was written there, if it had characters that a device's name may not have here. */
  readonly writtenDevice: string | undefined;
}

const DEVICE_READER = templateReader("stream_{stream}_{device}_{yyyy}{MM}{dd}_{HH}{mm}{ss}");
const READERS: readonly (readonly [OldLayout, PathReader])[] = [
  ["dated", templateReader("{date}_{HH}{mm}")],
  ["received", templateReader("stream_{stream}_{yyyy}{MM}{dd}_{HH}{mm}{ss}")],
  ["received", DEVICE_READER],
];
const ANY_DEVICE = /^(stream_\d{1,10}_)(.+)(_\d{8}_\d{6}(?:_\d+)?)$/s;
const LONGEST_DEVICE = 64;

/** Reads a file's name without folders and extension; undefined: no earlier receiver has made it. */
export function readOldName(stem: string): OldName | undefined {
  for (const [layout, read] of READERS) {
    const parts = read(stem);
    if (parts !== undefined) return { ...parts, layout, writtenDevice: undefined };
  }
  const [, before, writtenDevice, behind] = ANY_DEVICE.exec(stem) ?? [];
  if (writtenDevice === undefined) return undefined;
  const device = writtenDevice.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, LONGEST_DEVICE);
  const parts = DEVICE_READER(`${before}${device}${behind}`);
  return parts && { ...parts, layout: "received", writtenDevice };
}
