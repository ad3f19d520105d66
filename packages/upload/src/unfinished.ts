import type { ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import type { Reaching } from "./link.js";

type Markers = Pick<ListMultipartUploadsCommandInput, "KeyMarker" | "UploadIdMarker">;

/** A multipart upload that was begun and not completed. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}

/**
 * Uploads under a prefix that are not completed, from whomever.
 * @throws UploadError
 */
export async function* listUploads(
  { link, settings }: Reaching,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<UnfinishedUpload> {
  let markers: Markers | undefined = {};
  while (markers !== undefined) {
    const input: ListMultipartUploadsCommandInput = { Bucket: settings.bucket, Prefix: prefix, ...markers };
    const page: ListMultipartUploadsCommandOutput = await link.request(
      `listing uploads under ${prefix}`,
      signal,
      ({ sdk, send, signal: abortSignal }) =>
        send(new sdk.ListMultipartUploadsCommand(input), { abortSignal }),
    );
    for (const { Key: key, UploadId: uploadId, Initiated: initiated } of page.Uploads ?? []) {
      if (key !== undefined && uploadId !== undefined)
        yield { key, uploadId, initiated: initiated ?? new Date(0) };
    }
    markers = nextMarkers(page);
  }
}

function nextMarkers(page: ListMultipartUploadsCommandOutput): Markers | undefined {
  const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
  return IsTruncated && KeyMarker !== undefined ? { KeyMarker, UploadIdMarker } : undefined;
}

/** Ends an upload and frees its parts; one that is gone already is fine. */
export async function abortUpload(
  { link, settings }: Reaching,
  key: string,
  uploadId: string,
): Promise<void> {
  const input = { Bucket: settings.bucket, Key: key, UploadId: uploadId };
  await link.request(
    `aborting the upload of ${key}`,
    undefined,
    async ({ sdk, send, signal: abortSignal }) => {
      try {
        await send(new sdk.AbortMultipartUploadCommand(input), { abortSignal });
      } catch (error) {
        if ((error as Error).name !== "NoSuchUpload") throw error;
      }
    },
  );
}

/**
 * Aborts uploads under a prefix that were begun before a time: a crash left them. Yields each.
 * @throws UploadError
 */
export async function* abortOrphans(
  reaching: Reaching,
  prefix: string,
  begunBefore: Date,
  signal?: AbortSignal,
): AsyncGenerator<UnfinishedUpload> {
  for await (const upload of listUploads(reaching, prefix, signal)) {
    if (upload.initiated >= begunBefore) continue;
    await abortUpload(reaching, upload.key, upload.uploadId);
    yield upload;
  }
}
