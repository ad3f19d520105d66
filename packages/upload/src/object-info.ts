import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { statusOf } from "./explain.js";
import type { Reaching } from "./link.js";
import { parseMetadata } from "./metadata.js";

/** What a store says of an object. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** As `put` was given it, but all of it text. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly modified: Date | undefined;
  /** SHA-256 of the whole content, hexadecimal, as its uploader declared it. */
  readonly declaredSha256: string | undefined;
  /** Size of the parts in which it was uploaded, as its uploader declared it. */
  readonly declaredPartBytes: number | undefined;
  /** SHA-256 that the store itself keeps: base64, of parts with `-N` behind. */
  readonly storedSha256: string | undefined;
  /** Whether the ETag is made from MD5s: not where the store encrypts with a key of KMS or of the client. */
  readonly etagIsMd5: boolean;
}

/** Names of our own metadata. */
export const OWN_METADATA = { sha256: "sha256", partBytes: "part-bytes" } as const;

/**
 * What the store says of an object; undefined: there is none.
 * @throws UploadError
 */
export async function headObject(
  { link, settings }: Reaching,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectInfo | undefined> {
  const found = await link.request(
    `looking for ${key}`,
    signal,
    async ({ sdk, send, signal: abortSignal }) => {
      const input = { Bucket: settings.bucket, Key: key };
      const mode = settings.checksums === "when-supported" ? ({ ChecksumMode: "ENABLED" } as const) : {};
      try {
        return await send(new sdk.HeadObjectCommand({ ...input, ...mode }), { abortSignal });
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) return undefined;
        // HEAD has no body, so it cannot say why: the same question as a list can
        if (status !== undefined && status < 500)
          await send(new sdk.ListObjectsV2Command({ Bucket: settings.bucket, Prefix: key, MaxKeys: 1 }), {
            abortSignal,
          });
        throw error;
      }
    },
  );
  return found && infoOf(key, found);
}

function infoOf(key: string, found: HeadObjectCommandOutput): ObjectInfo {
  const etag = (found.ETag ?? "").replaceAll('"', "");
  const {
    [OWN_METADATA.sha256]: sha256,
    [OWN_METADATA.partBytes]: partBytes,
    ...metadata
  } = found.Metadata ?? {};
  const ownKey = found.SSECustomerAlgorithm !== undefined || /kms/.test(found.ServerSideEncryption ?? "");
  return {
    key,
    bytes: found.ContentLength ?? 0,
    etag,
    metadata: parseMetadata(metadata),
    contentType: found.ContentType,
    modified: found.LastModified,
    declaredSha256: sha256,
    declaredPartBytes: plausible(Number(partBytes)),
    storedSha256: found.ChecksumSHA256,
    etagIsMd5: !ownKey && /^[0-9a-f]{32}(-\d+)?$/.test(etag),
  };
}

// Limits of a part: Amazon S3 user guide. Anybody could have written anything there.
function plausible(partBytes: number): number | undefined {
  return partBytes >= 5 * 1024 ** 2 && partBytes <= 5 * 1024 ** 3 ? partBytes : undefined;
}
