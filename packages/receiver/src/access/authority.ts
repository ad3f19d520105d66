import type { AddressList } from "./address-list.js";
import { AttemptLimit } from "./attempt-limit.js";
import type { TokenRecord } from "./token-file.js";
import type { Tokens } from "./tokens.js";

/** Why somebody may not come in. */
export interface GateRefusal {
  /** For the peer and the log: what is wrong, and what changes it. Tells no secret. */
  readonly reason: string;
  /** 401 no good token, 403 not allowed, 429 too many wrong tokens, 503 not now. */
  readonly status: 401 | 403 | 429 | 503;
}

/** Who a caller says it is. */
export interface Identity {
  /** Its hwid; undefined if it names none. */
  readonly device?: string | undefined;
  readonly token?: string | undefined;
}

export interface AuthorityOptions {
  /** Who may send at all; undefined = everybody. */
  readonly allowed: AddressList | undefined;
  /** Good tokens; undefined = none is needed. */
  readonly tokens: Tokens | undefined;
  /** Who needs no token. */
  readonly trusted: AddressList;
}

const TOKEN_WANTED =
  'token required: "Authorization: Bearer TOKEN", "?token=TOKEN", or on TCP a first line "token TOKEN"';

/** Decides who may send, by address and by token. */
export class Authority {
  readonly #options: AuthorityOptions;
  readonly #attempts = new AttemptLimit();

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  /** Why nothing that comes from there is even looked at. */
  bars(address: string): GateRefusal | undefined {
    const { allowed } = this.#options;
    if (allowed === undefined || allowed.includes(address)) return undefined;
    return { status: 403, reason: `address ${address} is not in allowFrom (--allow-from)` };
  }

  /** Whether somebody from there must show a token. */
  asks(address: string): boolean {
    return this.#options.tokens !== undefined && !this.#options.trusted.includes(address);
  }

  /** The token's record, if it is a good one; undefined = none is needed. */
  authorise(address: string, identity: Identity, nowMs: number): TokenRecord | GateRefusal | undefined {
    const { tokens } = this.#options;
    if (tokens === undefined) return undefined;
    const asked = this.asks(address);
    if (identity.token === undefined) return asked ? { status: 401, reason: TOKEN_WANTED } : undefined;
    if (!this.#attempts.mayTry(address, nowMs))
      return { status: 429, reason: `too many wrong tokens from ${address}: wait some seconds` };
    const record = tokens.find(identity.token);
    if (record !== undefined) {
      this.#attempts.succeeded(address, nowMs);
      return bound(record, identity.device);
    }
    this.#attempts.failed(address, nowMs);
    return { status: 401, reason: "token not known (audio-receiver token list shows those that are)" };
  }

  /** Whether what `authorise` found is still good. */
  holds(record: TokenRecord): boolean {
    return this.#options.tokens?.holds(record) ?? true;
  }
}

function bound(record: TokenRecord, device: string | undefined): TokenRecord | GateRefusal {
  if (record.device === undefined || device === undefined || record.device === device) return record;
  return { status: 403, reason: `token ${record.name} is for device ${record.device}, not for ${device}` };
}
