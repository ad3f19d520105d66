/** The one gate, without any socket: what it answers and what it counts. */
import { describe, expect, it, vi } from "vitest";
import { AddressList } from "../src/access/address-list.js";
import { Authority } from "../src/access/authority.js";
import { hashToken, newToken } from "../src/access/token.js";
import type { TokenRecord } from "../src/access/token-file.js";
import type { Tokens } from "../src/access/tokens.js";
import { Gate, type GateLimits, type GateOptions, type GatePass } from "../src/ingest/gate.js";

const A = "192.0.2.1";
const B = "192.0.2.2";

interface Setting extends Partial<Pick<GateOptions, "disk"> & GateLimits> {
  readonly tokens?: Pick<Tokens, "find" | "holds">;
  readonly allowed?: readonly string[];
  readonly trusted?: readonly string[];
}

function gateWith({
  tokens,
  allowed,
  trusted = [],
  disk = { trouble: undefined },
  ...limits
}: Setting = {}): Gate {
  const authority = new Authority({
    tokens: tokens as Tokens | undefined,
    allowed: allowed && new AddressList(allowed),
    trusted: new AddressList(trusted),
  });
  const now = { maxConnections: 100, maxConnectionsPerAddress: 50, maxDevices: 10, ...limits };
  return new Gate({ authority, disk, limits: { now } });
}

/** Tokens that a test makes and revokes. */
function keys() {
  const records = new Map<string, TokenRecord>();
  const tokens = {
    find: (token: string) => records.get(hashToken(token)),
    holds: ({ sha256 }: TokenRecord) => records.has(sha256),
  };
  const add = (name: string, device?: string) => {
    const token = newToken();
    const sha256 = hashToken(token);
    records.set(sha256, { id: "00000000", name, device, sha256, created: "" });
    return token;
  };
  return { tokens, add, revoke: (token: string) => records.delete(hashToken(token)) };
}

const caller = (address = A, expel: (reason: string) => void = () => undefined) => ({ address, expel });

function entered(gate: Gate, address = A, identity = {}): GatePass {
  const { pass, refusal } = gate.enter(caller(address), identity);
  if (refusal !== undefined) throw new Error(refusal.reason);
  return pass;
}

describe("limits", () => {
  it("in all: the next is told which one; who leaves makes room, once", () => {
    const gate = gateWith({ maxConnections: 2 });
    const first = entered(gate);
    entered(gate, B);
    expect(gate.enter(caller("192.0.2.3"), {}).refusal).toEqual({
      status: 503,
      reason: "2 connections are open, the most allowed (--max-connections)",
    });
    first.leave();
    first.leave();
    expect(gate.connections).toBe(1);
    entered(gate);
    expect(gate.enter(caller(), {}).refusal?.status).toBe(503);
  });

  it("per address: others come in", () => {
    const gate = gateWith({ maxConnectionsPerAddress: 2 });
    for (let i = 0; i < 2; i++) entered(gate);
    expect(gate.enter(caller(), {}).refusal?.reason).toBe(
      `2 connections are open from ${A}, the most allowed (--max-connections-per-address)`,
    );
    expect(entered(gate, B).device).toBeUndefined();
  });

  it("of devices: one that is live may connect again", () => {
    const gate = gateWith({ maxDevices: 2 });
    const kitchen = entered(gate, A, { device: "kitchen" });
    entered(gate, A, { device: "garden" });
    entered(gate, A, { device: "garden" });
    expect(gate.enter(caller(), { device: "cellar" }).refusal?.reason).toContain("2 devices are live");
    expect(gate.connections).toBe(3);
    kitchen.leave();
    entered(gate, A, { device: "cellar" });
  });

  it("of devices that get their name only later", () => {
    const gate = gateWith({ maxDevices: 1 });
    const [one, two] = [entered(gate), entered(gate)];
    expect(one.occupy("a")).toBeUndefined();
    expect(one.occupy("b")).toBeUndefined(); // counted once
    expect(two.occupy("b")?.status).toBe(503);
    one.leave();
    expect(two.occupy("b")).toBeUndefined();
  });

  it("whatever comes and goes: nothing is left over", () => {
    const gate = gateWith();
    for (let i = 0; i < 1000; i++) {
      const passes = [A, B].map((address) => entered(gate, address, { device: `d${i % 7}` }));
      for (const pass of passes) pass.leave();
    }
    expect(gate.connections).toBe(0);
    for (let i = 0; i < 10; i++) entered(gate, A, { device: `e${i}` });
  });
});

describe("not now", () => {
  it("while it stops, and while the disk is in trouble", () => {
    const disk = { trouble: "disk-full" as string | undefined };
    const gate = gateWith({ disk });
    expect(gate.enter(caller(), {}).refusal).toEqual({ status: 503, reason: "disk-full" });
    disk.trouble = undefined;
    entered(gate);
    gate.close();
    expect(gate.enter(caller(), {}).refusal).toEqual({ status: 503, reason: "server stopping" });
    expect(gate.refused).toEqual({ 401: 0, 403: 0, 429: 0, 503: 2 });
  });
});

describe("addresses", () => {
  it("that are not allowed are refused, before all else", () => {
    const gate = gateWith({ allowed: ["10.0.0.0/8"], maxConnections: 1 });
    entered(gate, "10.1.1.1");
    const refusal = { status: 403, reason: `address ${A} is not in allowFrom (--allow-from)` };
    expect(gate.enter(caller(), {}).refusal).toEqual(refusal);
    expect(gate.bars(A)).toEqual(refusal);
    expect(gate.bars("10.1.1.1")).toBeUndefined();
    expect(gate.refused[403]).toBe(2);
  });
});

describe("tokens", () => {
  it("none, a wrong one, a right one", () => {
    const { tokens, add } = keys();
    const gate = gateWith({ tokens });
    expect(gate.enter(caller(), {}).refusal?.status).toBe(401);
    expect(gate.enter(caller(), { token: newToken() }).refusal?.status).toBe(401);
    expect(entered(gate, A, { token: add("any"), device: "kitchen" }).device).toBe("kitchen");
    expect(gate.connections).toBe(1);
  });

  it("that belong to a device: no other may use them; one without a name gets it", () => {
    const { tokens, add } = keys();
    const token = add("k1", "kitchen");
    const gate = gateWith({ tokens });
    expect(entered(gate, A, { token, device: "kitchen" }).device).toBe("kitchen");
    expect(entered(gate, A, { token }).device).toBe("kitchen");
    expect(gate.enter(caller(), { token, device: "garden" }).refusal).toEqual({
      status: 403,
      reason: "token k1 is for device kitchen, not for garden",
    });
  });

  it("are not asked of addresses that are trusted", () => {
    const { tokens } = keys();
    const gate = gateWith({ tokens, trusted: ["192.0.2.2"] });
    entered(gate, B);
    expect([gate.asksForToken(A), gate.asksForToken(B)]).toEqual([true, false]);
    expect(gate.enter(caller(), {}).refusal?.status).toBe(401);
  });

  it("are not looked at while nobody needs one", () => {
    const gate = gateWith();
    expect(entered(gate, A, { token: "whatever", device: "kitchen" }).device).toBe("kitchen");
  });

  it("too many wrong ones: 429, for this address only", () => {
    const { tokens, add } = keys();
    const gate = gateWith({ tokens });
    const token = add("any");
    const tried = Array.from({ length: 20 }, () => gate.enter(caller(), { token: "art_x" }).refusal?.status);
    expect(tried).toEqual([...Array(10).fill(401), ...Array(10).fill(429)]);
    expect(gate.enter(caller(), { token }).refusal?.status).toBe(429);
    entered(gate, B, { token });
  });

  it("that are revoked end what came in with them, and nothing else", () => {
    const { tokens, add, revoke } = keys();
    const gate = gateWith({ tokens, trusted: [B] });
    const [good, bad] = [add("good"), add("bad")];
    const expelled = vi.fn();
    const stay = vi.fn();
    const answer = gate.enter(caller(A, expelled), { token: bad });
    gate.enter(caller(A, stay), { token: good });
    gate.enter(caller(B, stay), {});
    gate.expelRevoked();
    revoke(bad);
    gate.expelRevoked();
    expect(expelled).toHaveBeenCalledExactlyOnceWith("token bad is no longer good");
    answer.pass?.leave();
    gate.expelRevoked();
    expect([expelled.mock.calls.length, stay.mock.calls.length]).toEqual([1, 0]);
  });
});
