import { BlockList, isIP } from "node:net";

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const PREFIX = /^\d{1,3}$/;

/** The address without the form that IPv4 takes on an IPv6 socket: `::ffff:10.0.0.7` → `10.0.0.7`. */
function plainAddress(address: string): string {
  return address.replace(MAPPED_IPV4, "");
}

/** Addresses and networks, as people write them: `10.0.0.7`, `192.168.0.0/16`, `fd00::/8`. */
export class AddressList {
  readonly #list = new BlockList();
  readonly size: number;

  /** @param entries each one that `addressFault` finds right, else RangeError */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry);
    this.size = entries.length;
  }

  /** Whether an address is in one of the networks; text that is no address is in none. */
  includes(address: string): boolean {
    const plain = plainAddress(address).replace(/%.*$/, ""); // fe80::1%eth0: the zone says nothing about who
    const version = isIP(plain);
    return version !== 0 && this.#list.check(plain, version === 4 ? "ipv4" : "ipv6");
  }

  #add(entry: string): void {
    const fault = addressFault(entry);
    if (fault !== undefined) throw new RangeError(fault);
    const [address, prefix] = entry.split("/");
    const plain = plainAddress(address);
    const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
    if (prefix === undefined) this.#list.addAddress(plain, family);
    else this.#list.addSubnet(plain, Number(prefix), family);
  }
}

const LISTS = new WeakMap<readonly string[], AddressList>();

/** The list of these entries, made once: for settings, which may be others at each use. */
export function addressList(entries: readonly string[]): AddressList {
  const list = LISTS.get(entries) ?? new AddressList(entries);
  LISTS.set(entries, list);
  return list;
}

/** What is wrong with an entry, for people; undefined if it is an address or a network. */
export function addressFault(entry: string): string | undefined {
  const [address, prefix, ...more] = entry.split("/");
  const version = isIP(plainAddress(address));
  if (version === 0) return `"${entry}" is no address (10.0.0.7, fd00::7) or network (10.0.0.0/8, fd00::/8)`;
  if (prefix === undefined) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (more.length > 0 || !PREFIX.test(prefix) || Number(prefix) > longest)
    return `"${entry}": what follows the / is a number 0 … ${longest} for IPv${version}`;
  return undefined;
}

/**
 * What one party is known by: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 4291 section 2.5.1), of
 * whose other half every host has 2⁶⁴ to choose from.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address).replace(/%.*$/, "");
  if (isIP(plain) !== 6) return plain;
  const [head, tail = ""] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = plain.includes("::")
    ? [...groups, ...Array(Math.max(0, missing)).fill("0"), ...tail.split(":")]
    : groups;
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || "0", 16).toString(16))
    .join(":")}::/64`;
}
