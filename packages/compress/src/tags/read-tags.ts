import { CompressError } from "../errors.js";
import type { AudioTags } from "./audio-tags.js";
import { type FileWindow, withFile } from "./file-window.js";
import { FLAC_MAGIC, readFlacTags } from "./flac.js";
import { OGG_MAGIC } from "./ogg.js";
import { readOpusTags } from "./opus.js";

/**
 * Reads format, length and our metadata of a FLAC or Ogg Opus file without ffmpeg: its front, and of Ogg its last
 * 130 kB. Never more than 1.3 MB, however large the file is and whatever its bytes claim. A file that lacks
 * metadata, or whose comments are broken, still has a format.
 *
 * @throws CompressError `invalid-audio` for anything but FLAC and Ogg Opus, `file-unreadable`
 */
export function readTags(path: string): Promise<AudioTags> {
  return withFile(path, readFrom);
}

async function readFrom(file: FileWindow): Promise<AudioTags> {
  const magic = (await file.read(0, 4)).toString("latin1");
  if (magic === FLAC_MAGIC) return readFlacTags(file);
  if (magic === OGG_MAGIC) return readOpusTags(file);
  throw new CompressError("invalid-audio", `${file.path}: neither FLAC nor Ogg Opus`);
}
