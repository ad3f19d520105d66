import { constants } from "node:zlib";
import compress from "@fastify/compress";
import type { FastifyInstance } from "fastify";

// Not audio, which does not get smaller, and not events, which must not wait for more of them.
const WORTH_IT =
  /^(application\/(json|vnd\.audio\.levels)|text\/(html|plain|css|javascript)|image\/svg\+xml)\b/;
// Of 100 kB of levels, level 11 takes 200 ms of a processor and wins a tenth; 4 takes 3 ms.
const BROTLI_LEVEL = 4;
// More than this is compressed beside the main thread, which records.
const MOST_AT_ONCE = 16 * 1024;

/** Compresses what is made anew for each request; files have compressed twins beside them. */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ["br", "gzip"],
    threshold: 1024,
    syncThreshold: MOST_AT_ONCE,
    customTypes: WORTH_IT,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_LEVEL } },
    zlibOptions: { level: 6 },
    globalDecompression: false, // a kilobyte could become a gigabyte
  });
}
