import type { ArchiveErrorCode } from "../errors.js";
import type { QuestionName } from "./questions.js";

/** What the reader's thread is started with. */
export interface ReaderThreadData {
  /** Absolute. */
  readonly dataDir: string;
}

/** To the reader's thread. */
export type ToReader =
  | {
      readonly kind: "question";
      readonly id: number;
      readonly name: QuestionName;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "stop" };

/** From the reader's thread. */
export type FromReader =
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | {
      readonly kind: "failure";
      readonly id: number;
      /** Undefined: a mistake, not a state of the catalogue. */
      readonly code: ArchiveErrorCode | undefined;
      readonly message: string;
    };
