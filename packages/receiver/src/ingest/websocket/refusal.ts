/** The peer broke a rule: the connection is closed with this WebSocket close code, and the message as its reason. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  /** @param closeCode RFC 6455 section 7.4, e.g. 1008 */
  constructor(
    readonly closeCode: number,
    reason: string,
  ) {
    super(reason);
  }
}
