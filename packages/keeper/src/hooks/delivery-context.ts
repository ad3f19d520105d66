/** What a delivery takes place in. */
export interface DeliveryContext {
  /** Working directory of commands, absolute; paths of payloads are below it. */
  readonly dataDir: string;
  /** Where allowed variables of commands and secrets of webhooks are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Breaks the delivery off: `hook-stopped`. */
  readonly signal: AbortSignal;
  /** The last lines (at most 5) that a command printed which did well; else they stand in the error. */
  readonly onOutput?: (hook: string, lines: readonly string[]) => void;
}
