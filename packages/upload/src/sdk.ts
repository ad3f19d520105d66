import type { S3Client } from "@aws-sdk/client-s3";
import type { StoreSettings } from "./store-settings.js";

/** The AWS SDK, as it is when loaded. */
export type Sdk = typeof import("@aws-sdk/client-s3");

/** The SDK and its connection to one store. */
export interface LoadedClient {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

// It would write to the console what becomes an error here.
const ignore = () => undefined;
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const LONGEST_CONNECT_MS = 10_000;

/** Loads the SDK: 0.1 s and 25 MB of memory, for those only who upload. */
export async function loadClient(settings: StoreSettings): Promise<LoadedClient> {
  // Its notice to Node 20 users, about versions of 2027, is for those who update it: us.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const sdk = await import("@aws-sdk/client-s3");
  const { region, url, forcePathStyle, credentials, profile, checksums, timeoutMs, concurrency } = settings;
  const checksumMode = checksums === "when-supported" ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  const client = new sdk.S3Client({
    ...(region !== undefined && { region }),
    ...(url !== undefined && { endpoint: url }),
    ...(credentials !== undefined && { credentials }),
    ...(profile !== undefined && { profile }),
    forcePathStyle,
    logger: SILENT,
    requestChecksumCalculation: checksumMode,
    responseChecksumValidation: "WHEN_REQUIRED", // what is read back is hashed by us
    maxAttempts: 1, // a stream cannot be sent twice: requests are repeated one level above, bodies and all
    expectContinueHeader: false, // would open a new connection for every part
    requestHandler: {
      connectionTimeout: Math.min(timeoutMs, LONGEST_CONNECT_MS),
      httpAgent: { keepAlive: true, maxSockets: concurrency + 8 },
      httpsAgent: { keepAlive: true, maxSockets: concurrency + 8 },
    },
  });
  return { sdk, client };
}
