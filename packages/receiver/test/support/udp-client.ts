import { createSocket } from "node:dgram";
import { formatDatagram } from "@audio/protocol";
import { pause } from "./waiting.js";

export interface Numbering {
  readonly channels?: number;
  /** Sample frames in a datagram. */
  readonly size?: number;
  readonly firstSeq?: number;
  /** Uptime at the first sample. */
  readonly firstMs?: number;
  /** Sets the start flag of the first (default true), the end flag of the last (default false). */
  readonly start?: boolean;
  readonly end?: boolean;
}

/** s16le audio at 16 kHz as datagrams; the last one may be short. */
export function datagrams(audio: Uint8Array, options: Numbering = {}): Uint8Array[] {
  const { channels = 1, size = 320, firstSeq = 0, firstMs = 5000, start = true, end = false } = options;
  const bytes = size * channels * 2;
  const count = Math.ceil(audio.length / bytes);
  return Array.from({ length: count }, (_, i) => {
    const timestampMs = firstMs + Math.round((i * size) / 16);
    const flags = { start: start && i === 0, end: end && i === count - 1 };
    const sequence = (firstSeq + i) >>> 0;
    return formatDatagram({ sequence, timestampMs, ...flags }, audio.subarray(i * bytes, (i + 1) * bytes));
  });
}

// So few at once that the kernel's smallest receive buffer (208 KiB, some 180 datagrams) never overflows.
const BURST = 16;

/** A device: one address and port of this machine's loopback network. */
export class UdpDevice implements AsyncDisposable {
  readonly #socket;

  private constructor(
    readonly port: number,
    family: "udp4" | "udp6",
  ) {
    this.#socket = createSocket(family);
  }

  static async open(port: number, address = "127.0.0.1"): Promise<UdpDevice> {
    const device = new UdpDevice(port, address.includes(":") ? "udp6" : "udp4");
    await new Promise<void>((resolve) => device.#socket.bind(0, address, resolve));
    return device;
  }

  /** `127.0.0.1:40000` */
  get peer(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  /** Sends them in this order, much faster than real time, at a pace that loses none. */
  async send(...packets: readonly Uint8Array[]): Promise<void> {
    for (const [i, packet] of packets.entries()) {
      await new Promise<void>((resolve, reject) =>
        this.#socket.send(packet, this.port, this.#target, (error) => (error ? reject(error) : resolve())),
      );
      if (i % BURST === BURST - 1) await pause(2);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  get #target(): string {
    return this.#socket.address().family === "IPv6" ? "::1" : "127.0.0.1";
  }
}

/** A network that loses, doubles and reorders, the same way for the same seed. */
export interface BadNetwork {
  readonly seed: number;
  /** Shares, 0 … 1. */
  readonly loss: number;
  readonly twice: number;
  /** By how many later ones a packet may be overtaken. */
  readonly reorder: number;
}

/** What comes out of the network, and the numbers of the packets that never do. */
export function through(packets: readonly Uint8Array[], network: BadNetwork) {
  const random = randomness(network.seed);
  const lost: number[] = [];
  const out: { packet: Uint8Array; place: number }[] = [];
  for (const [i, packet] of packets.entries()) {
    if (random() < network.loss) {
      lost.push(i);
      continue;
    }
    out.push({ packet, place: i + random() * network.reorder });
    if (random() < network.twice) out.push({ packet, place: i + random() * network.reorder });
  }
  out.sort((a, b) => a.place - b.place);
  return { received: out.map(({ packet }) => packet), lost };
}

// mulberry32
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
