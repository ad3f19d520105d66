import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue, Form, RemoteCopy, Segment, SegmentForm } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import { formatKey, type PutOptions, type Store, segmentMetadata, type UploadSettings } from "@audio/upload";
import { isSaved, localAudio, remoteAudio } from "./forms.js";

/** What the upload of segments needs. */
export interface SegmentUploadOptions {
  readonly upload: UploadSettings;
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** Absolute. */
  readonly dataDir: string;
  /** IANA name, of the times in keys; undefined = the system's. */
  readonly timezone: string | undefined;
}

/** A file that is in the store now. */
export interface UploadedForm {
  /** Below the data directory. */
  readonly path: string;
  readonly bytes: number;
  readonly key: string;
  /** False: it was there already. */
  readonly sent: boolean;
}

/** What is to be uploaded of a segment, where to, and that it is done. */
export class SegmentUpload {
  readonly #options: SegmentUploadOptions;
  readonly #zone: TimeZone;

  constructor(options: SegmentUploadOptions) {
    this.#options = options;
    this.#zone = new TimeZone(options.timezone);
  }

  /** Local forms that should be in the store and are not. */
  missing(segment: Segment): SegmentForm[] {
    const { audio, bin } = this.#options.upload;
    const wanted = [
      audio && remoteAudio(segment) === undefined ? localAudio(segment) : undefined,
      bin ? segment.forms.find((found) => found.form === "bin" && found.local && !isSaved(found)) : undefined,
    ];
    return wanted.filter((form) => form !== undefined);
  }

  /** Local forms whose content is in the store, and that are to go. */
  removable(segment: Segment): Form[] {
    if (!this.#options.upload.removeLocal) return [];
    return segment.forms
      .filter(({ local }) => local)
      .flatMap(({ form }) => (copyOf(segment, form) ? form : []));
  }

  /** The key that a form of a segment gets, if that is free. */
  keyOf(segment: Segment, form: Form): string {
    const { prefix, key, keyPcm } = this.#options.upload;
    const fields = { ...segment, prefix, path: pathOf(segment, form) };
    return formatKey(isPcm(segment) ? keyPcm : key, fields, this.#zone);
  }

  /**
   * Puts a local form into the store; when this resolves the catalogue says where it is.
   * @throws UploadError
   */
  async put(segment: Segment, { form, bytes }: SegmentForm, options: PutOptions): Promise<UploadedForm> {
    const { store, catalogue, dataDir } = this.#options;
    const path = pathOf(segment, form);
    const key = this.keyOf(segment, form);
    const stored = await store.put(join(dataDir, path), key, segmentMetadata(segment), options);
    catalogue.segments.setRemote(segment.id, form, bytes, stored);
    return { path, bytes, key: stored.key, sent: stored.sent };
  }

  /**
   * Deletes the files that are to go. The store is asked once more: somebody may have removed the object since.
   * @returns the forms that are gone
   * @throws UploadError
   */
  async removeLocal(segment: Segment, signal: AbortSignal): Promise<Form[]> {
    const { store, dataDir } = this.#options;
    const gone: Form[] = [];
    for (const form of this.removable(segment)) {
      const copy = copyOf(segment, form) as SegmentForm & { remote: RemoteCopy };
      const object =
        copy.remote.bucket === store.bucket ? await store.head(copy.remote.key, signal) : undefined;
      if (object?.bytes !== copy.bytes) continue;
      await rm(join(dataDir, pathOf(segment, form)), { force: true });
      gone.push(form);
    }
    return gone;
  }
}

// A file without metadata does not say where it came from: raw PCM has no name and no stream id.
function isPcm({ source, device, streamId }: Segment): boolean {
  return source === "tcp" || source === "udp" || (!source && device === undefined && streamId === 0);
}

function pathOf({ stem }: Segment, form: Form): string {
  return `${stem}.${form}`;
}

/** The form in the store that holds what a local one holds. */
function copyOf(segment: Segment, form: Form): SegmentForm | undefined {
  if (form !== "bin") return remoteAudio(segment);
  return segment.forms.find((found) => found.form === "bin" && isSaved(found));
}
