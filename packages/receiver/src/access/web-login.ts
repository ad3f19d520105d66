import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { User } from "@audio/api";
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

/** Who came in, or why nobody did. */
export type LoginAnswer =
  | { readonly user: User; readonly refusal?: undefined }
  | { readonly user?: undefined; readonly refusal: LoginRefusal };

/** What a login opens: everything, or the metrics alone. */
export type Scope = "all" | "metrics";

/** Somebody who may come in. */
export interface WebUser {
  readonly user: User;
  /** The password itself, where it was given so; a hash of it; undefined = there is none, and nobody comes in. */
  readonly secret: string | PasswordHash | undefined;
}

/** Who may come in. */
export interface GuestList {
  /** Their names differ. */
  readonly users: readonly WebUser[];
  /** Opens the metrics alone; undefined = there is none. */
  readonly metricsToken: string | undefined;
}

export interface WebLoginOptions extends GuestList {
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

/** Who reads metrics with the token. */
const METRICS_READER: User = { name: "metrics", role: "listener", devices: null };

/**
 * The web port's login. A password that is known by its hash alone costs 100 ms to check, until the right one has
 * come once: that one is remembered, as a keyed digest and not as itself. When all are, every wrong one is told at
 * once; until then each costs as much as a check, whoever's it is said to be, or the time would tell who is known.
 */
export class WebLogin {
  #users: readonly WebUser[] = [];
  readonly #nowMs: () => number;
  readonly #attempts = new AttemptLimit(0);
  readonly #key = randomBytes(32);
  /** Digests of names and passwords that are right, as far as they are known. */
  #right: { readonly digest: Buffer; readonly user: User }[] = [];
  /** What a password is checked against that belongs to nobody; undefined = there is no hash at all. */
  #anyHash: PasswordHash | undefined;
  #mostRight = 0;
  #rightToken: Buffer | undefined;
  readonly #checks = new Map<string, Check>();
  #lastCheck: Promise<unknown> = Promise.resolve();
  readonly #counts = { right: 0, wrong: 0, slowed: 0 };

  constructor({ nowMs = () => performance.now(), ...guests }: WebLoginOptions) {
    this.#nowMs = nowMs;
    this.change(guests);
  }

  /** From now on these come in. Who is among them unchanged is known as before; who is not holds no longer. */
  change({ users, metricsToken }: GuestList): void {
    const same = (user: WebUser) => this.#users.find((known) => isDeepStrictEqual(known, user)) ?? user;
    this.#users = users.map(same);
    this.#anyHash = users.map(({ secret }) => secret).find((secret) => typeof secret === "object");
    this.#mostRight = users.filter(({ secret }) => secret !== undefined).length;
    this.#right = this.#right.filter(({ user }) => this.holds(user));
    for (const { user, secret } of this.#users)
      if (typeof secret === "string" && !this.#right.some((right) => right.user === user))
        this.#right.push({ digest: this.#digest(user.name, secret), user });
    this.#rightToken = metricsToken === undefined ? undefined : this.#digest("", metricsToken);
  }

  /** Whether somebody who came in may still be here: the same user, with the same rights and password. */
  holds(user: User): boolean {
    return user === METRICS_READER || this.#users.some((each) => each.user === user);
  }

  get counts(): LoginCounts {
    return this.#counts;
  }

  /**
   * Who shows this header, or why the request is not answered.
   * @param scope what is asked for
   */
  async enter(address: string, authorization: string | undefined, scope: Scope): Promise<LoginAnswer> {
    const login = authorization === undefined ? undefined : presentedLogin(authorization);
    if (login === undefined) return { refusal: { status: 401, reason: NEEDED } };
    const answer = await this.#judge(networkOf(address), login, scope);
    const { refusal } = answer;
    this.#counts[refusal === undefined ? "right" : refusal.status === 401 ? "wrong" : "slowed"]++;
    return answer;
  }

  // A token is too long to be guessed: whoever has the right one is let in however many wrong ones came from there.
  async #judge(network: string, login: Login, scope: Scope): Promise<LoginAnswer> {
    if (login.kind === "bearer" && scope === "metrics" && this.#isToken(login.token))
      return { user: METRICS_READER };
    if (!this.#attempts.mayTry(network, this.#nowMs())) return { refusal: slowed(network) };
    const user = login.kind === "basic" ? await this.#userOf(network, login) : this.#failed(network);
    if (user === "busy") return { refusal: { status: 429, reason: BUSY } };
    return user === undefined ? { refusal: { status: 401, reason: WRONG } } : { user };
  }

  #isToken(token: string): boolean {
    return this.#rightToken !== undefined && timingSafeEqual(this.#rightToken, this.#digest("", token));
  }

  #failed(network: string): undefined {
    this.#attempts.failed(network, this.#nowMs());
  }

  // Busy: too many wait already.
  #userOf(network: string, claim: Claim): User | undefined | "busy" | Promise<User | undefined> {
    const digest = this.#digest(claim.username, claim.password);
    const known = this.#knownBy(digest);
    if (known !== undefined) return known;
    if (this.#right.length === this.#mostRight) return this.#failed(network);
    const name = digest.toString("base64");
    const waiting = this.#checks.get(name);
    if (waiting !== undefined) return waiting.answer; // a browser asks for everything on a page at once
    if (this.#isFull(network)) return "busy";
    const answer = this.#checkNext(network, claim)
      .then((user) => {
        if (user === undefined || !this.holds(user)) return undefined; // they changed while it was checked
        this.#right.push({ digest, user });
        return user;
      })
      .finally(() => this.#checks.delete(name));
    this.#checks.set(name, { network, answer });
    return answer;
  }

  // All are looked at, whichever it is.
  #knownBy(digest: Buffer): User | undefined {
    let found: User | undefined;
    for (const right of this.#right) if (timingSafeEqual(right.digest, digest)) found = right.user;
    return found;
  }

  #isFull(network: string): boolean {
    if (this.#checks.size >= MOST_WAITING) return true;
    const sameNetwork = [...this.#checks.values()].filter((check) => check.network === network);
    return sameNetwork.length >= MOST_WAITING_OF_ADDRESS;
  }

  // A wrong name costs as much as a wrong password, or the time would tell which of them it was.
  #checkNext(network: string, { username, password }: Claim): Promise<User | undefined> {
    const claimed = this.#userCalled(username);
    const hash = typeof claimed?.secret === "object" ? claimed.secret : undefined;
    const answer = this.#lastCheck.then(async () => {
      const isRight = await isPassword(password, hash ?? (this.#anyHash as PasswordHash));
      return isRight && hash !== undefined ? claimed?.user : this.#failed(network);
    });
    this.#lastCheck = answer.catch(() => undefined); // whoever asked is told
    return answer;
  }

  #userCalled(name: string): WebUser | undefined {
    const digest = this.#digest(name, "");
    let found: WebUser | undefined;
    for (const each of this.#users)
      if (timingSafeEqual(digest, this.#digest(each.user.name, ""))) found = each;
    return found;
  }

  #digest(username: string, password: string): Buffer {
    const text = `${username.normalize("NFC")}\0${password.normalize("NFC")}`;
    return createHmac("sha256", this.#key).update(text).digest();
  }
}

interface Check {
  readonly network: string;
  readonly answer: Promise<User | undefined>;
}

interface Claim {
  readonly username: string;
  readonly password: string;
}

function slowed(network: string): LoginRefusal {
  return { status: 429, reason: `too many wrong logins from ${network}: wait some seconds` };
}
