import { Readable } from "node:stream";
import { UploadError } from "./errors.js";
import { asUploadError, statusOf } from "./explain.js";
import type { Reaching } from "./link.js";
import type { StoreSettings } from "./store-settings.js";

/** Which bytes of an object are read; an abort ends it. */
export interface ReadOptions {
  /** First byte; default 0. */
  readonly start?: number;
  /** Last byte, inclusive, as of `fs.createReadStream`; default: the object's last. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** Bytes of an object on their way. */
export interface ObjectRead {
  /** Fails with an UploadError when the connection breaks or nothing comes any more. Destroy it to stop. */
  readonly stream: Readable;
  /** Bytes that come. */
  readonly bytes: number;
  /** Bytes of the whole object. */
  readonly size: number;
}

/**
 * @throws UploadError `no-object` and others
 * @throws RangeError when the object has no such bytes
 */
export async function readObject(
  { link, settings }: Reaching,
  key: string,
  { start = 0, end, signal }: ReadOptions,
): Promise<ObjectRead> {
  const what = `reading ${key}`;
  const whole = start === 0 && end === undefined;
  const range = whole ? {} : { Range: `bytes=${start}-${end ?? ""}` };
  const found = await link.request(what, signal, async ({ sdk, send, signal: abortSignal }) => {
    try {
      return await send(new sdk.GetObjectCommand({ Bucket: settings.bucket, Key: key, ...range }), {
        abortSignal,
      });
    } catch (error) {
      if (statusOf(error) === 416) return undefined;
      throw error;
    }
  });
  if (found === undefined) throw new RangeError(`${what}: it has no bytes ${start} … ${end ?? ""}`);
  const bytes = found.ContentLength ?? 0;
  const size = /\/(\d+)$/.exec(found.ContentRange ?? "")?.[1];
  const stream = Readable.from(chunks(found.Body as Readable, { what, settings, signal }), {
    objectMode: false,
  });
  return { stream, bytes, size: size === undefined ? bytes : Number(size) };
}

interface Reading {
  readonly what: string;
  readonly settings: StoreSettings;
  readonly signal: AbortSignal | undefined;
}

async function* chunks(body: Readable, { what, settings, signal }: Reading): AsyncGenerator<Buffer> {
  const { timeoutMs } = settings;
  const late = () => body.destroy(new UploadError("timeout", `nothing came for ${timeoutMs / 1000} s`));
  const onAbort = () => body.destroy(signal?.reason);
  let timer = setTimeout(late, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal?.aborted) onAbort();
    for await (const chunk of body) {
      clearTimeout(timer); // whoever reads may take their time
      yield chunk as Buffer;
      timer = setTimeout(late, timeoutMs);
    }
  } catch (error) {
    throw asUploadError(error, what, settings, signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    body.destroy();
  }
}
