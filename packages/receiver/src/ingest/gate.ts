import type { Authority, GateRefusal, Identity } from "../access/authority.js";
import type { TokenRecord } from "../access/token-file.js";
import { Census } from "./census.js";

export type { GateRefusal, Identity } from "../access/authority.js";

/** Somebody at the door. */
export interface Caller {
  /** Without port, as `peerAddress` gives it. */
  readonly address: string;
  /** Ends a connection or stream that was let in, because its token is no longer good; `leave` follows as ever. */
  readonly expel: (reason: string) => void;
}

export type GateAnswer =
  | { readonly pass: GatePass; readonly refusal?: undefined }
  | { readonly pass?: undefined; readonly refusal: GateRefusal };

/** What somebody holds who is in. */
export interface GatePass {
  /** What to call the device: as it says itself, else as its token says; undefined = it has no name. */
  readonly device: string | undefined;
  /** Says who it is: for a listener that lets connections in before they can tell. */
  identify(identity: Identity): GateRefusal | undefined;
  /** Counts this device among those that are live; for one that got its name only now. */
  occupy(device: string): GateRefusal | undefined;
  /** It is gone. Again = nothing. */
  leave(): void;
}

export interface GateOptions {
  readonly authority: Authority;
  /** What keeps recordings from beginning. */
  readonly disk: { readonly trouble: string | undefined };
  /** Those that hold now, looked up at each use. */
  readonly limits: { readonly now: GateLimits };
}

export interface GateLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxDevices: number;
}

/**
 * The one door for every listener: says who may not come in, and why; counts who is in, in all, by address and by
 * device. WebSocket and UDP `enter`: they know who calls. TCP `admit`s, and `identify`s by the first bytes.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #connections = new Census();
  readonly #devices = new Census();
  readonly #passes = new Set<Pass>();
  readonly #refused = { 401: 0, 403: 0, 429: 0, 503: 0 };
  #stopping = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Connections and UDP streams at the moment. */
  get connections(): number {
    return this.#connections.total;
  }

  /** Devices with a name that are live. */
  get devices(): number {
    return this.#devices.distinct;
  }

  /** How often somebody was turned away, by status. */
  get refused(): Readonly<Record<GateRefusal["status"], number>> {
    return this.#refused;
  }

  /** Whether nobody comes in any more, for good. */
  get closed(): boolean {
    return this.#stopping;
  }

  /** Why no recording may begin now, also for those who are in already. */
  get trouble(): string | undefined {
    return this.#options.disk.trouble;
  }

  /** Whether somebody from there must show a token. */
  asksForToken(address: string): boolean {
    return this.#options.authority.asks(address);
  }

  /** Why nothing that comes from there is even looked at. */
  bars(address: string): GateRefusal | undefined {
    return this.#counted(this.#options.authority.bars(address));
  }

  /** Asks for entry for somebody who cannot say yet who it is; `identify` must follow. */
  admit(caller: Caller): GateAnswer {
    const refusal = this.bars(caller.address) ?? this.#counted(this.#closedBecause(caller.address));
    if (refusal !== undefined) return { refusal };
    const pass = new Pass(caller, {
      authority: this.#options.authority,
      occupy: (device) => this.#counted(this.#occupy(device)),
      counted: (found) => this.#counted(found),
      left: (gone) => this.#left(gone),
    });
    this.#connections.add(caller.address);
    this.#passes.add(pass);
    return { pass };
  }

  /** Asks for entry for somebody who is known. */
  enter(caller: Caller, identity: Identity): GateAnswer {
    const answer = this.admit(caller);
    if (answer.refusal !== undefined) return answer;
    const refusal = answer.pass.identify(identity);
    if (refusal === undefined) return answer;
    answer.pass.leave();
    return { refusal };
  }

  /** Ends what came in with a token that is no longer good; for when the tokens have changed. */
  expelRevoked(): void {
    for (const pass of this.#passes) pass.expelIfRevoked();
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#stopping = true;
  }

  #closedBecause(address: string): GateRefusal | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits.now;
    if (this.#stopping) return notNow("server stopping");
    if (this.trouble !== undefined) return notNow(this.trouble);
    if (this.#connections.total >= maxConnections)
      return notNow(`${maxConnections} connections are open, the most allowed (--max-connections)`);
    if (this.#connections.of(address) < maxConnectionsPerAddress) return undefined;
    const found = `${maxConnectionsPerAddress} connections are open from ${address}`;
    return notNow(`${found}, the most allowed (--max-connections-per-address)`);
  }

  #occupy(device: string): GateRefusal | undefined {
    const { maxDevices } = this.#options.limits.now;
    if (this.#devices.distinct >= maxDevices && this.#devices.of(device) === 0)
      return notNow(`${maxDevices} devices are live, the most allowed (--max-devices)`);
    this.#devices.add(device);
    return undefined;
  }

  #left(pass: Pass): void {
    this.#passes.delete(pass);
    this.#connections.remove(pass.address);
    if (pass.occupied !== undefined) this.#devices.remove(pass.occupied);
  }

  #counted(refusal: GateRefusal | undefined): GateRefusal | undefined {
    if (refusal !== undefined) this.#refused[refusal.status]++;
    return refusal;
  }
}

/** What a pass needs of its gate. */
interface GateSide {
  readonly authority: Authority;
  occupy(device: string): GateRefusal | undefined;
  counted(refusal: GateRefusal): GateRefusal | undefined;
  left(pass: Pass): void;
}

class Pass implements GatePass {
  readonly #caller: Caller;
  readonly #gate: GateSide;
  #token: TokenRecord | undefined;
  #device: string | undefined;
  #occupied: string | undefined;
  #gone = false;

  constructor(caller: Caller, gate: GateSide) {
    this.#caller = caller;
    this.#gate = gate;
  }

  get address(): string {
    return this.#caller.address;
  }

  get device(): string | undefined {
    return this.#device;
  }

  /** The name under which it is counted. */
  get occupied(): string | undefined {
    return this.#occupied;
  }

  identify(identity: Identity): GateRefusal | undefined {
    const found = this.#gate.authority.authorise(this.address, identity, performance.now());
    if (found !== undefined && "status" in found) return this.#gate.counted(found);
    this.#token = found;
    this.#device = identity.device ?? found?.device;
    return this.#device === undefined ? undefined : this.occupy(this.#device);
  }

  occupy(device: string): GateRefusal | undefined {
    if (this.#occupied !== undefined) return undefined;
    const refusal = this.#gate.occupy(device);
    if (refusal === undefined) this.#occupied = device;
    return refusal;
  }

  expelIfRevoked(): void {
    if (this.#token !== undefined && !this.#gate.authority.holds(this.#token))
      this.#caller.expel(`token ${this.#token.name} is no longer good`);
  }

  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#gate.left(this);
  }
}

function notNow(reason: string): GateRefusal {
  return { status: 503, reason };
}
