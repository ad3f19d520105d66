import type { FastifyError, FastifyRequest } from "fastify";
import type { PeerRefused } from "../events.js";
import { addressName } from "../ingest/peer-name.js";
import { notFound, WebFailure } from "./web-failure.js";

/** What people write: notes, names. */
export const LARGEST_BODY = 64 * 1024;

const WORDS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: `the body is too large: at most ${LARGEST_BODY} bytes`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "a body must be JSON, with content-type: application/json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "the body is empty: JSON was announced",
  FST_ERR_CTP_INVALID_JSON_BODY: "the body is no JSON",
};

type Answer = Pick<WebFailure, "status" | "message" | "headers">;

/** What the asker is told of an error; one of ours goes to the log alone. */
export function answerTo(
  error: FastifyError | WebFailure,
  { asker, socket }: FastifyRequest,
  onRefused: (refused: PeerRefused) => void,
): Answer {
  if (error instanceof WebFailure) return error;
  const { statusCode: status = 500, code, message } = error;
  if (status === 403) return notFound(); // the files' word for an address that leaves their folder
  if (status < 500) return { status, message: WORDS[code] ?? message, headers: {} };
  const peer = addressName(asker.address, socket.remotePort ?? 0);
  onRefused({ peer, listener: "web", reason: `internal error: ${message}`, code: 500 });
  return { status: 500, message: "internal error", headers: {} };
}
