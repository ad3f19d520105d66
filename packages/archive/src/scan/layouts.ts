import { DEFAULT_TEMPLATES, type PathParts, type PathReader, templateReader } from "@audio/segments";

/** The path templates that recordings may have been named by. */
export interface Layouts {
  readonly pcm: string;
  readonly device: string;
  readonly anonymous: string;
}

/**
 * Reads paths in the layouts that are known: those of `layouts`, the default ones, and the default ones in a data
 * directory that is itself the `audio` or `received` folder of an earlier receiver.
 * @throws SegmentsError `invalid-template`
 */
export function layoutReader(layouts: Layouts = DEFAULT_TEMPLATES): PathReader {
  const defaults = Object.values(DEFAULT_TEMPLATES);
  const withoutFolder = defaults.map((template) => template.slice(template.indexOf("/") + 1));
  const { device, anonymous, pcm } = layouts;
  const templates = new Set([device, anonymous, pcm, ...defaults, ...withoutFolder]);
  const readers = [...templates].map(templateReader);
  return (path) => firstOf(readers, path);
}

function firstOf(readers: readonly PathReader[], path: string): PathParts | undefined {
  for (const read of readers) {
    const parts = read(path);
    if (parts !== undefined) return parts;
  }
  return undefined;
}
