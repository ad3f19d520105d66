import { ApiError } from "@audio/api/client";
import { server } from "../server/client.js";
import { formatChanges, type Span } from "./plan/windows.js";

/** Why audio did not come. */
export type Reason =
  | { readonly kind: "aborted" }
  /** The format is another from these times on. */
  | { readonly kind: "cuts"; readonly times: readonly number[] }
  /** There is none. */
  | { readonly kind: "nothing"; readonly text: string }
  /** The connection broke; the receiver would send it. */
  | { readonly kind: "lost"; readonly text: string }
  | { readonly kind: "refused"; readonly text: string };

/** Asks the receiver why an audio element failed. */
export async function explain(device: string, span: Span, signal: AbortSignal): Promise<Reason> {
  const query = { device, from: String(span.fromUs), to: String(span.toUs) };
  try {
    await server.call("GET /audio/plan", { query, signal });
    return { kind: "lost", text: "The audio does not come through: the connection broke several times." };
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    if (!(error instanceof ApiError)) return { kind: "refused", text: String(error) };
    if (error.status === 409) return changesOf(device, span, signal);
    if (error.status === 404) return { kind: "nothing", text: error.message };
    if (error.status === 0) return { kind: "lost", text: error.message };
    return { kind: "refused", text: error.message };
  }
}

async function changesOf(device: string, span: Span, signal: AbortSignal): Promise<Reason> {
  try {
    const query = { device, from: String(span.fromUs), to: String(span.toUs), limit: 1000 } as const;
    const { segments } = await server.call("GET /segments", { query, signal });
    const times = formatChanges(segments);
    if (times.length > 0) return { kind: "cuts", times };
    return { kind: "refused", text: "The format changes in this hour: select a shorter range." };
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    return { kind: "lost", text: error instanceof Error ? error.message : String(error) };
  }
}
