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
  const input = { Bucket: settings.bucket, Key: key };
  const mode = settings.checksums === "when-supported" ? ({ ChecksumMode: "ENABLED" } as const) : {};
  const found = await link.request(
    `looking for ${key}`,
    signal,
    async ({ sdk, send, signal: abortSignal }) => {
      const head = () => send(new sdk.HeadObjectCommand({ ...input, ...mode }), { abortSignal });
      try {
        return await head().catch(async (error) => {
          if (!isUnexplained(error)) throw error;
          const { Bucket, Key: Prefix } = input;
          await send(new sdk.ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }), { abortSignal });
          return head(); // a list that works may have set the SDK's clock
        });
      } catch (error) {
        if (statusOf(error) === 404 && (error as Error).name !== "NoSuchBucket") return undefined;
        throw error;
      }
    },
  );
  return found && infoOf(key, found);
}

// The answer to HEAD has no body that could say why: a list, asked the same way, tells.
function isUnexplained(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status !== 404 && status < 500;
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
