/** What the keeper has to say: a line for the log. Messages may cross threads, so fields are plain values. */
export interface KeeperNote {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Says a line. */
export type Tell = (
  level: KeeperNote["level"],
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
