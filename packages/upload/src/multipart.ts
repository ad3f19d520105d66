import type { Part } from "@aws-sdk/client-s3";
import type { PartDigest } from "./digest.js";
import { UploadError } from "./errors.js";
import { type Sending, sendBody, signBody, type Transfer } from "./send.js";
import { type Sent, unlessTaken } from "./single.js";
import { abortUpload, listUploads } from "./unfinished.js";

/**
 * Sends a file in parts. What an earlier try has brought there is not sent again. When it fails the parts stay, for
 * the next try; when the file is to blame they go.
 * @throws UploadError
 */
export async function sendMultipart(sending: Sending, transfer: Transfer): Promise<Sent> {
  const earlier = await findEarlier(sending, transfer);
  const uploadId = earlier?.uploadId ?? (await createUpload(sending, transfer));
  try {
    await sendParts(sending, transfer, uploadId, earlier?.parts ?? new Set());
    await transfer.file.refuseChanged();
    const sent = await complete(sending, transfer, uploadId);
    if (sent === "taken") await abortUpload(sending, transfer.key, uploadId);
    return sent;
  } catch (error) {
    if (error instanceof UploadError && error.kind === "object")
      await abortUpload(sending, transfer.key, uploadId).catch(() => undefined); // it is the first error that counts
    throw error;
  }
}

async function createUpload({ link, settings }: Sending, transfer: Transfer): Promise<string> {
  const { key, contentType: ContentType, metadata: Metadata, signal } = transfer;
  const checksum =
    settings.checksums === "when-supported"
      ? ({ ChecksumAlgorithm: "SHA256", ChecksumType: "COMPOSITE" } as const)
      : {};
  const input = { Bucket: settings.bucket, Key: key, ContentType, Metadata, ...checksum };
  const created = await link.request(`uploading ${key}`, signal, ({ sdk, send, signal: abortSignal }) =>
    send(new sdk.CreateMultipartUploadCommand(input), { abortSignal }),
  );
  if (created.UploadId === undefined)
    throw new UploadError("store-failed", `uploading ${key}: the store gave the upload no id`);
  return created.UploadId;
}

/** As many parts at a time as the store's settings allow; the first that fails stops the others. */
async function sendParts(
  sending: Sending,
  transfer: Transfer,
  uploadId: string,
  there: ReadonlySet<number>,
): Promise<void> {
  const { parts } = transfer.digest;
  const failing = new AbortController();
  const onAbort = () => failing.abort(transfer.signal?.reason);
  transfer.signal?.addEventListener("abort", onAbort, { once: true });
  const own: Transfer = { ...transfer, signal: failing.signal };
  const numbers = parts.keys();
  const lane = async () => {
    for (const index of numbers) {
      if (there.has(index)) transfer.onSent(parts[index].end - parts[index].start);
      else await sendPart(sending, own, uploadId, index);
    }
  };
  const lanes = Array.from({ length: Math.min(sending.settings.concurrency, parts.length) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  } finally {
    transfer.signal?.removeEventListener("abort", onAbort);
  }
}

function sendPart(sending: Sending, transfer: Transfer, uploadId: string, index: number): Promise<void> {
  const { link, settings, turns } = sending;
  const { key, digest, signal } = transfer;
  const part = digest.parts[index];
  const what = `uploading ${key}, part ${index + 1} of ${digest.parts.length}`;
  const input = { Bucket: settings.bucket, Key: key, UploadId: uploadId, PartNumber: index + 1 };
  const send = () =>
    link.request(what, signal, (requesting) =>
      sendBody(sending, transfer, part, requesting, async (body) => {
        const command = new requesting.sdk.UploadPartCommand({ ...input, ...body });
        await requesting.send(signBody(command, part), { abortSignal: requesting.signal });
      }),
    );
  return turns.run(send, signal);
}

// The store refuses to complete parts whose ETags are not those of the list.
function complete(sending: Sending, transfer: Transfer, uploadId: string): Promise<Sent> {
  const { link, settings } = sending;
  const { key, digest, signal } = transfer;
  const Parts = digest.parts.map((part, index) => ({
    PartNumber: index + 1,
    ETag: part.md5.toString("hex"),
    ...(settings.checksums === "when-supported" && { ChecksumSHA256: part.sha256.toString("base64") }),
  }));
  const input = { Bucket: settings.bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts } };
  return unlessTaken(sending, transfer, (condition) =>
    link.request(`completing ${key}`, signal, async ({ sdk, send, signal: abortSignal }) => {
      await send(new sdk.CompleteMultipartUploadCommand({ ...input, ...condition }), { abortSignal });
    }),
  );
}

interface Earlier {
  readonly uploadId: string;
  /** Indexes of parts that are there. */
  readonly parts: ReadonlySet<number>;
}

// An upload of the same key belongs to this file when all that is there of it has the file's content. Who may not
// list uploads has none to go on with.
async function findEarlier(sending: Sending, transfer: Transfer): Promise<Earlier | undefined> {
  const { key, digest, signal } = transfer;
  try {
    for await (const upload of listUploads(sending, key, signal)) {
      if (upload.key !== key) continue;
      const parts = await partsThere(sending, transfer, upload.uploadId);
      const same = parts.every((part) => isSame(part, digest.parts[(part.PartNumber ?? 0) - 1]));
      if (parts.length > 0 && same)
        return { uploadId: upload.uploadId, parts: new Set(parts.map((part) => (part.PartNumber ?? 0) - 1)) };
    }
  } catch (error) {
    if ((error as UploadError).code !== "access-denied") throw error;
  }
  return undefined;
}

async function partsThere(
  { link, settings }: Sending,
  { key, signal }: Transfer,
  uploadId: string,
): Promise<Part[]> {
  const parts: Part[] = [];
  let marker: string | undefined;
  do {
    const input = { Bucket: settings.bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker };
    const page = await link.request(
      `listing the parts of ${key}`,
      signal,
      ({ sdk, send, signal: abortSignal }) => send(new sdk.ListPartsCommand(input), { abortSignal }),
    );
    parts.push(...(page.Parts ?? []));
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

function isSame({ Size, ETag, ChecksumSHA256 }: Part, part: PartDigest | undefined): boolean {
  if (part === undefined || Size !== part.end - part.start) return false;
  if (ChecksumSHA256 !== undefined) return ChecksumSHA256 === part.sha256.toString("base64");
  return ETag?.replaceAll('"', "") === part.md5.toString("hex");
}
