import type { RemoteInfo } from "node:dgram";
import type { UdpSender } from "./sender.js";

/** Who is known, by address and port; two maps, because a joined key would be made anew for every datagram. */
export class SenderTable {
  readonly #byAddress = new Map<string, Map<number, UdpSender>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ address, port }: RemoteInfo): UdpSender | undefined {
    return this.#byAddress.get(address)?.get(port);
  }

  add({ address, port }: RemoteInfo, sender: UdpSender): void {
    const ports = this.#byAddress.get(address) ?? new Map<number, UdpSender>();
    this.#byAddress.set(address, ports.set(port, sender));
    this.#size++;
  }

  /** Forgets those for which `isDone` holds. */
  sweep(isDone: (sender: UdpSender) => boolean): void {
    for (const [address, ports] of this.#byAddress) {
      for (const [port, sender] of ports) {
        if (!isDone(sender)) continue;
        ports.delete(port);
        this.#size--;
      }
      if (ports.size === 0) this.#byAddress.delete(address);
    }
  }
}
