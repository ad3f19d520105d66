import type { RequestOf, ResponseOf } from "@audio/api/client";
import { useCallback, useEffect, useState } from "preact/hooks";
import { server } from "./client.js";

type Name = Parameters<typeof server.call>[0];

/** How far an answer is. While it is asked for anew, the one before stays, whatever it was. */
export type Answer<Value> = { readonly again: () => void; readonly isAsking: boolean } & (
  | { readonly state: "loading"; readonly value: undefined; readonly error: undefined }
  | { readonly state: "failed"; readonly value: undefined; readonly error: Error }
  | { readonly state: "ready"; readonly value: Value; readonly error: Error | undefined }
);

interface Known {
  readonly question: string | undefined;
  readonly attempt: number;
  readonly value?: unknown;
  readonly error?: Error;
}

/**
 * Asks the receiver, and asks again when the question changes or `again` is called; what is no longer wanted is
 * aborted. An answer that fails after one that did not is told beside it (`error`).
 * @param request undefined: nothing is asked yet
 */
export function useServer<N extends Name>(name: N, request: RequestOf<N> | undefined): Answer<ResponseOf<N>> {
  const question = request === undefined ? undefined : JSON.stringify(request);
  const [attempt, setAttempt] = useState(0);
  const [known, setKnown] = useState<Known>({ question, attempt: -1 });
  useEffect(() => {
    if (question === undefined) return;
    const abort = new AbortController();
    const learn = (what: Pick<Known, "value" | "error">) => {
      if (abort.signal.aborted) return;
      setKnown((before) => ({ ...(before.question === question && before), ...what, question, attempt }));
    };
    server.call(name, { ...(JSON.parse(question) as RequestOf<N>), signal: abort.signal }).then(
      (value) => learn({ value, error: undefined }),
      (error: Error) => learn({ error }),
    );
    return () => abort.abort();
  }, [name, question, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const current = known.question === question ? known : { question, attempt: -1 };
  return answerOf<ResponseOf<N>>(current, current.attempt !== attempt, again);
}

function answerOf<Value>({ value, error }: Known, isAsking: boolean, again: () => void): Answer<Value> {
  if (value !== undefined) return { state: "ready", value: value as Value, error, isAsking, again };
  if (error !== undefined) return { state: "failed", value: undefined, error, isAsking, again };
  return { state: "loading", value: undefined, error: undefined, isAsking, again };
}
