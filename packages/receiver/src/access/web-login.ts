import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { networkOf } from "./address-list.js";
import { AttemptLimit } from "./attempt-limit.js";
import { type Login, presentedLogin } from "./credentials.js";
import { isPassword, type PasswordHash } from "./password-hash.js";

/** Why a request to the web port is not answered. */
export interface LoginRefusal {
  /** 401 no good login, 429 too many wrong ones, or too many at once. */
  readonly status: 401 | 429;
  readonly reason: string;
}

/** What a login opens: everything, or the metrics alone. */
export type Scope = "all" | "metrics";

export interface WebLoginOptions {
  readonly username: string;
  /** The password itself, where it was given so; a hash of it; undefined = there is none, and nobody comes in. */
  readonly secret: string | PasswordHash | undefined;
  /** Opens the metrics alone; undefined = there is none. */
  readonly metricsToken: string | undefined;
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
}

/** How often somebody logged in, or not. */
export interface LoginCounts {
  readonly right: number;
  readonly wrong: number;
  /** Not looked at: too many wrong ones from there, or too many at once. */
  readonly slowed: number;
}

const NEEDED = "login required: HTTP Basic, with the web user's name and password";
const WRONG = "wrong name or password";
const BUSY = "too many logins at once: try again in some seconds";
// One check is 100 ms of a processor, and one of the four threads that write the recordings: one at a time.
const MOST_WAITING = 8;
const MOST_WAITING_OF_ADDRESS = 2;

/**
 * The web port's login. A password that is known by its hash alone costs 100 ms to check, until the right one has
 * come once: that one is remembered, as a keyed digest and not as itself, and tells every other apart at once.
 */
export class WebLogin {
  readonly #options: WebLoginOptions;
  readonly #nowMs: () => number;
  readonly #attempts = new AttemptLimit(0);
  readonly #key = randomBytes(32);
  /** Digest of the name and password that are right, once it is known. */
  #right: Buffer | undefined;
  readonly #rightToken: Buffer | undefined;
  readonly #checks = new Map<string, Check>();
  #lastCheck: Promise<unknown> = Promise.resolve();
  readonly #counts = { right: 0, wrong: 0, slowed: 0 };

  constructor(options: WebLoginOptions) {
    const { username, secret, metricsToken, nowMs = () => performance.now() } = options;
    this.#options = options;
    this.#nowMs = nowMs;
    if (typeof secret === "string") this.#right = this.#digest(username, secret);
    if (metricsToken !== undefined) this.#rightToken = this.#digest("", metricsToken);
  }

  get counts(): LoginCounts {
    return this.#counts;
  }

  /**
   * Why the request is not answered; undefined = it may be.
   * @param scope what is asked for
   */
  async refuse(
    address: string,
    authorization: string | undefined,
    scope: Scope,
  ): Promise<LoginRefusal | undefined> {
    if (authorization === undefined) return { status: 401, reason: NEEDED };
    const login = presentedLogin(authorization);
    if (login === undefined) return { status: 401, reason: NEEDED };
    const refusal = await this.#judge(networkOf(address), login, scope);
    this.#counts[refusal === undefined ? "right" : refusal.status === 401 ? "wrong" : "slowed"]++;
    return refusal;
  }

  // A token is too long to be guessed: whoever has the right one is let in however many wrong ones came from there.
  async #judge(network: string, login: Login, scope: Scope): Promise<LoginRefusal | undefined> {
    if (login.kind === "bearer" && scope === "metrics" && this.#isToken(login.token)) return undefined;
    if (!this.#attempts.mayTry(network, this.#nowMs())) return slowed(network);
    const isRight = login.kind === "basic" ? await this.#isRight(network, login) : this.#failed(network);
    if (isRight === undefined) return { status: 429, reason: BUSY };
    return isRight ? undefined : { status: 401, reason: WRONG };
  }

  #isToken(token: string): boolean {
    return this.#rightToken !== undefined && timingSafeEqual(this.#rightToken, this.#digest("", token));
  }

  #failed(network: string): false {
    this.#attempts.failed(network, this.#nowMs());
    return false;
  }

  // undefined: too many wait already.
  #isRight(network: string, { username, password }: Claim): boolean | Promise<boolean> | undefined {
    const digest = this.#digest(username, password);
    const { secret } = this.#options;
    if (this.#right !== undefined) return timingSafeEqual(this.#right, digest) || this.#failed(network);
    if (secret === undefined || typeof secret === "string") return this.#failed(network);
    const name = digest.toString("base64");
    const known = this.#checks.get(name);
    if (known !== undefined) return known.answer; // a browser asks for everything on a page at once
    if (this.#isFull(network)) return undefined;
    const answer = this.#checkNext(network, { username, password }, secret)
      .then((isRight) => {
        if (isRight) this.#right = digest;
        return isRight;
      })
      .finally(() => this.#checks.delete(name));
    this.#checks.set(name, { network, answer });
    return answer;
  }

  #isFull(network: string): boolean {
    if (this.#checks.size >= MOST_WAITING) return true;
    const sameNetwork = [...this.#checks.values()].filter((check) => check.network === network);
    return sameNetwork.length >= MOST_WAITING_OF_ADDRESS;
  }

  // A wrong name costs as much as a wrong password, or the time would tell which of them it was.
  #checkNext(network: string, { username, password }: Claim, hash: PasswordHash): Promise<boolean> {
    const answer = this.#lastCheck.then(async () => {
      const isRight = await isPassword(password, hash);
      return (isRight && this.#isUser(username)) || this.#failed(network);
    });
    this.#lastCheck = answer.catch(() => undefined); // whoever asked is told
    return answer;
  }

  #isUser(username: string): boolean {
    return timingSafeEqual(this.#digest(username, ""), this.#digest(this.#options.username, ""));
  }

  #digest(username: string, password: string): Buffer {
    const text = `${username.normalize("NFC")}\0${password.normalize("NFC")}`;
    return createHmac("sha256", this.#key).update(text).digest();
  }
}

interface Check {
  readonly network: string;
  readonly answer: Promise<boolean>;
}

interface Claim {
  readonly username: string;
  readonly password: string;
}

function slowed(network: string): LoginRefusal {
  return { status: 429, reason: `too many wrong logins from ${network}: wait some seconds` };
}
