import { isIPv6, type Socket } from "node:net";

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** Address and port of the other side, as people write it. */
export function peerName(socket: Socket): string {
  return addressName(peerAddress(socket), socket.remotePort ?? 0);
}

/** An address and a port, as people write them. */
export function addressName(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Address of the other side; IPv4 in its own form also on a dual-stack socket. */
export function peerAddress(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? "unknown");
}

/** An address as a socket tells it; IPv4 in its own form. */
export function plainAddress(address: string): string {
  return address.replace(MAPPED_IPV4, "");
}

/** A device name made of an address: `192-168-1-27`. */
export function addressAsName(address: string): string {
  return address.replaceAll(/[^A-Za-z0-9]/g, "-");
}
