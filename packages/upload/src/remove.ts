import { statusOf } from "./explain.js";
import type { Reaching } from "./link.js";

/**
 * Deletes an object; one that is gone already is fine. A bucket that keeps versions keeps this one, too.
 * @throws UploadError
 */
export async function removeObject(
  { link, settings }: Reaching,
  key: string,
  signal?: AbortSignal,
): Promise<void> {
  const input = { Bucket: settings.bucket, Key: key };
  await link.request(`deleting ${key}`, signal, async ({ sdk, send, signal: abortSignal }) => {
    try {
      await send(new sdk.DeleteObjectCommand(input), { abortSignal });
    } catch (error) {
      if (statusOf(error) !== 404 || (error as Error).name === "NoSuchBucket") throw error;
    }
  });
}
