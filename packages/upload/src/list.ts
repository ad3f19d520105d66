import type { Reaching } from "./link.js";

/** An object as a list shows it; `head` knows more. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date | undefined;
}

/**
 * Objects whose key begins with `prefix`, in order of key.
 * @throws UploadError
 */
export async function* listObjects(
  { link, settings }: Reaching,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const input = { Bucket: settings.bucket, Prefix: prefix, ContinuationToken: token };
    const page = await link.request(`listing ${prefix}`, signal, ({ sdk, send, signal: abortSignal }) =>
      send(new sdk.ListObjectsV2Command(input), { abortSignal }),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modified: LastModified };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
