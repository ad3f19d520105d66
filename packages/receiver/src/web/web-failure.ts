/** Why a request is not answered as it was meant; the message is for the asker. */
export class WebFailure extends Error {
  override readonly name = "WebFailure";
  /**
   * @param status of HTTP
   * @param message what was found, what is allowed, what to do
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** For what is not there, or not for this user: nobody learns which of the two. */
export function notFound(what = "not found"): WebFailure {
  return new WebFailure(404, what);
}
