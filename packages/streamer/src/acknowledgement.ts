import { parseAcknowledgement } from "@audio/protocol";
import { reasonOf, StreamError } from "./errors.js";

/**
 * The `next_seq` of a message from a server that acknowledges `session`.
 *
 * @throws StreamError `invalid-acknowledgement`
 */
export function readAcknowledgement(bytes: Uint8Array, session: bigint): number {
  const { nextSeq, session: echoed } = parse(bytes);
  if (echoed === session) return nextSeq;
  throw invalid(`invalid acknowledgement: session ${echoed} is not this stream's ${session}`);
}

function parse(bytes: Uint8Array): ReturnType<typeof parseAcknowledgement> {
  try {
    return parseAcknowledgement(bytes);
  } catch (error) {
    throw invalid(reasonOf(error));
  }
}

/** The server asks for a frame that no one sent: it takes this stream for another. */
export function unknownFrame(nextSeq: number, sent: number): StreamError {
  const frames = `${sent} frame${sent === 1 ? "" : "s"}`;
  return invalid(
    `invalid acknowledgement: next_seq ${nextSeq} of a stream of which ${frames} were sent; does another sender use this device and stream id?`,
  );
}

/** After a stream was acknowledged for a while, to go on without would lose or double what is open. */
export function noLongerAcknowledging({
  end,
  acknowledged,
}: {
  end: number;
  acknowledged: number;
}): StreamError {
  return new StreamError(
    "server-refused",
    `the server does not acknowledge any more, with ${end - acknowledged} frames open: start the stream again`,
  );
}

function invalid(found: string): StreamError {
  return new StreamError("invalid-acknowledgement", `the server sent an ${found}`);
}
