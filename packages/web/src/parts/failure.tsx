import { ApiError } from "@audio/api/client";
import type { ComponentChildren } from "preact";

interface SaidProps {
  readonly kind: "bad" | "warn";
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Something that one must know: what, and what to do. */
export function Said({ kind, title, children }: SaidProps) {
  return (
    <div class={`said ${kind}`}>
      <svg width="16" height="16" viewBox="0 0 12 12" aria-hidden="true">
        <path fill-rule="evenodd" d="M6 .5 11.8 11H.2ZM5.3 4v3.6h1.4V4Zm0 4.4v1.3h1.4V8.4Z" />
      </svg>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** What was wrong and what to do, by the status of an answer. */
function wordsOf(error: Error): { readonly title: string; readonly advice: string } {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 0)
    return {
      title: "The receiver does not answer",
      advice: "Is it running, and this computer on its network?",
    };
  if (status === 401) return { title: "Not logged in", advice: "Reload the page and log in." };
  if (status === 403)
    return { title: "Not yours to see", advice: "Ask who runs this receiver to let you see it." };
  if (status === 404) return { title: "There is no such thing here", advice: "It may have been deleted." };
  if (status === 429 || status === 503)
    return { title: "The receiver is busy", advice: "Try again in a few seconds." };
  return { title: "That did not work", advice: "Try again; the receiver's log says more." };
}

// What the browser says of it ("Failed to fetch") helps nobody.
function isUnanswered(error: Error): boolean {
  return error instanceof ApiError && error.status === 0;
}

interface FailureProps {
  readonly error: Error;
  /** Tries again. */
  readonly again?: () => void;
}

/** An answer that did not come: what was wrong, what to do. */
export function Failure({ error, again }: FailureProps) {
  const { title, advice } = wordsOf(error);
  return (
    <div role="alert">
      <Said kind="bad" title={title}>
        {!isUnanswered(error) && <p>{error.message}</p>}
        <p class="faint">{advice}</p>
        {again && (
          <p>
            <button type="button" onClick={again}>
              Try again
            </button>
          </p>
        )}
      </Said>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  /** What to do next. */
  readonly children?: ComponentChildren;
}

/** Nothing, and what to do next. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
