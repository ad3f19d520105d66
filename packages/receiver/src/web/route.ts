import type { Scope } from "../access/web-login.js";

/** What a request is answered. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One address of the web port; all are read with GET and HEAD. */
export interface Route {
  readonly path: string;
  /** What one has to be let in for; `open` = everybody is. */
  readonly access: Scope | "open";
  answer(): WebAnswer | Promise<WebAnswer>;
}

/** An answer for programs, and for people who look what programs see. */
export function json(status: number, body: object): WebAnswer {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body)}\n` };
}
