import type { UploadError } from "./errors.js";
import { type Sending, sendBody, signBody, type Transfer } from "./send.js";

/** What the store said to a new object: it is there, or the key was taken meanwhile. */
export type Sent = "sent" | "taken";

/**
 * Sends a file in one request.
 * @throws UploadError
 */
export async function sendSingle(sending: Sending, transfer: Transfer): Promise<Sent> {
  const [part] = transfer.digest.parts;
  const { key, contentType: ContentType, metadata: Metadata, signal } = transfer;
  return unlessTaken(sending, transfer, (condition) =>
    sending.turns.run(
      () =>
        sending.link.request(`uploading ${key}`, signal, (requesting) =>
          sendBody(sending, transfer, part, requesting, async (body) => {
            const input = { Bucket: sending.settings.bucket, Key: key, ContentType, Metadata };
            const command = new requesting.sdk.PutObjectCommand({ ...input, ...body, ...condition });
            await requesting.send(signBody(command, part), { abortSignal: requesting.signal });
          }),
        ),
      signal,
    ),
  );
}

type Condition = { readonly IfNoneMatch?: string; readonly IfMatch?: string };

/**
 * Makes an object only if there is none of its key, as far as the store can tell: two receivers may share a bucket.
 * @param create makes it under that condition
 */
export async function unlessTaken(
  sending: Sending,
  { replaces }: Transfer,
  create: (condition: Condition) => Promise<void>,
): Promise<Sent> {
  const condition = replaces === undefined ? { IfNoneMatch: "*" } : { IfMatch: replaces };
  try {
    await create(sending.conditional ? condition : {});
    return "sent";
  } catch (error) {
    const { status } = error as UploadError;
    if (status === 412) return "taken";
    if (status !== 501 || !sending.conditional) throw error;
    sending.conditional = false; // an older store; what is there was looked for just before
    return unlessTaken(sending, { replaces } as Transfer, create);
  }
}
