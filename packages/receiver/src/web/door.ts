import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { User } from "@audio/api";
import { addressList } from "../access/address-list.js";
import { type Asker, askerOf } from "../access/forwarded.js";
import type { LoginRefusal, WebLogin } from "../access/web-login.js";
import type { PeerRefused } from "../events.js";
import { addressName } from "../ingest/peer-name.js";
import { isSameOrigin } from "./same-origin.js";
import { WebFailure } from "./web-failure.js";

/** What one has to be let in for: to see, to change, or to read the metrics alone. */
export type Access = "read" | "change" | "metrics";

export interface WebDoorOptions {
  readonly login: WebLogin;
  /** Whose `X-Forwarded-…` is believed, looked up at each use. */
  readonly settings: { readonly now: { readonly trustProxies: readonly string[] } };
  readonly onRefused: (refused: PeerRefused) => void;
}

/** The one door of the web port, for requests and WebSockets alike. */
export class WebDoor {
  readonly #options: WebDoorOptions;
  /** Who came in last on each connection that is open. */
  readonly #guests = new Map<Socket, User>();

  constructor(options: WebDoorOptions) {
    this.#options = options;
  }

  /** Who asks, as the trusted proxies tell it. */
  askerOf(request: IncomingMessage): Asker {
    return askerOf(request, addressList(this.#options.settings.now.trustProxies));
  }

  /**
   * Passes for what may come from where it does: all that only reads, and what our own pages and programs send.
   * @throws WebFailure 403
   */
  requireSameOrigin(request: IncomingMessage, asker = this.askerOf(request)): void {
    const { method, headers } = request;
    const onlyReads = (method === "GET" || method === "HEAD") && headers.upgrade === undefined;
    if (!onlyReads && !isSameOrigin(headers, asker)) throw new WebFailure(403, CROSS_SITE);
  }

  /**
   * Who is logged in.
   * @throws WebFailure 401, 403, 429
   */
  async enter(request: IncomingMessage, access: Access, asker = this.askerOf(request)): Promise<User> {
    const { authorization } = request.headers;
    const scope = access === "metrics" ? "metrics" : "all";
    const { user, refusal } = await this.#options.login.enter(asker.address, authorization, scope);
    if (user !== undefined) return this.#admitted(request.socket, authorised(user, access));
    const { status: code, reason } = refusal;
    // A browser that asks for the first time shows no login: that is how it learns to ask for one.
    if (authorization !== undefined) {
      const peer = addressName(asker.address, request.socket.remotePort ?? 0);
      this.#options.onRefused({ peer, listener: "web", reason, code });
    }
    throw new WebFailure(code, reason, headersOf(refusal));
  }

  /** Ends what is open for users that are no more, or whose rights are others now: events, live sound, downloads. */
  dismissOthers(): void {
    for (const [socket, user] of this.#guests) if (!this.#options.login.holds(user)) socket.destroy();
  }

  #admitted(socket: Socket, user: User): User {
    if (!this.#guests.has(socket)) socket.once("close", () => this.#guests.delete(socket));
    this.#guests.set(socket, user);
    return user;
  }
}

function authorised(user: User, access: Access): User {
  const { name, role, devices } = user;
  if (access === "change" && role !== "admin")
    throw new WebFailure(403, `${name} may see and hear, and change nothing (role listener)`);
  if (access === "metrics" && devices !== null)
    throw new WebFailure(403, `metrics tell of all devices, and ${name} may see only some`);
  return user;
}

const CROSS_SITE =
  "another site's page sent this: only our own pages and programs may. Behind a proxy, name its address in trustProxies and let it send X-Forwarded-Host";
const CHALLENGE = 'Basic realm="audio-receiver", charset="UTF-8"';
const RETRY_SECONDS = "5";

function headersOf({ status }: LoginRefusal): Readonly<Record<string, string>> {
  return status === 401 ? { "www-authenticate": CHALLENGE } : { "retry-after": RETRY_SECONDS };
}
