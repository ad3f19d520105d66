import type { Endpoint } from "./endpoint.js";
import type { KeyTemplate } from "./key-template.js";

/** How to reach a bucket. Plain data, so that it can be handed to a worker thread; it holds the secret. */
export interface StoreSettings extends Endpoint {
  readonly bucket: string;
  /** Undefined: as the AWS SDK finds them (profile, container, instance). */
  readonly credentials: StoreCredentials | undefined;
  /** Name of a profile of the shared AWS configuration files. */
  readonly profile: string | undefined;
  /** Whether requests carry `x-amz-checksum-sha256` (`when-supported`) or `Content-MD5` (`when-required`). */
  readonly checksums: "when-required" | "when-supported";
  /** Larger files go in parts of this size, 5 MiB … 5 GiB. */
  readonly partBytes: number;
  /** Of all uploads together; 0 = no limit. */
  readonly bytesPerSecond: number;
  /** Files and parts that are sent at a time. */
  readonly concurrency: number;
  /** A request that makes no progress for so long has failed. */
  readonly timeoutMs: number;
}

/** Keys of the store, secret ones among them: never logged. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** What is uploaded, where to, and how. */
export interface UploadSettings {
  readonly store: StoreSettings;
  readonly prefix: string;
  /** Key of what came over WebSocket. */
  readonly key: KeyTemplate;
  /** Key of raw PCM (TCP, UDP). */
  readonly keyPcm: KeyTemplate;
  /** The audio, in the form in which it ends (wav, flac or opus). */
  readonly audio: boolean;
  /** The frames as received. */
  readonly bin: boolean;
  /** The local file goes when its object is verified. */
  readonly removeLocal: boolean;
}
