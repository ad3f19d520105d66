import type { RemoteInfo, Socket } from "node:dgram";
import { checkDatagram, DATAGRAM_WINDOW_MS, isDatagram, ProtocolError } from "@audio/protocol";
import type { IngestContext } from "../ingest-context.js";
import type { Listener } from "../listener.js";
import { addressAsName, addressName, plainAddress } from "../peer-name.js";
import { bindUdp } from "./bind.js";
import { Refusals } from "./refusals.js";
import { UdpSender } from "./sender.js";
import { SenderTable } from "./sender-table.js";
import { WaitingClock } from "./waiting-clock.js";

const TICK_MS = 50;
const SWEEP_MS = 500;
// Addresses of datagrams can be made up: they must not take all the room of those who come in by the other doors.
const SHARE_OF_CONNECTIONS = 0.5;
const NO_TOKEN = "a token is asked for, and UDP carries none: name the address in trustFrom (--trust-from)";

/** UDP ingest: PCM in numbered datagrams. */
export async function listenUdp(context: IngestContext, host: string, port: number): Promise<Listener> {
  const socket = await bindUdp(host, port);
  const listener = new UdpListener(context, socket);
  return {
    port: socket.address().port,
    get connections() {
      return listener.senders;
    },
    stop: () => listener.stop(),
  };
}

class UdpListener {
  readonly #context: IngestContext;
  readonly #socket: Socket;
  readonly #refusals: Refusals;
  readonly #channels: number;
  readonly #senders = new SenderTable();
  readonly #waiting: WaitingClock;
  readonly #timers: readonly NodeJS.Timeout[];
  /** Those that a datagram came from since the last tick, or that wait for one. */
  #busy = new Set<UdpSender>();

  constructor(context: IngestContext, socket: Socket) {
    const { events, settings, clock } = context;
    this.#context = context;
    this.#socket = socket;
    this.#refusals = new Refusals(events);
    this.#channels = settings.now.tcp.channels;
    this.#waiting = new WaitingClock(2 * TICK_MS, clock.monotonicUs());
    this.#timers = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#sweep(), SWEEP_MS)];
    socket.on("message", (bytes, from) => this.#receive(bytes, from));
    socket.on("error", (error) => this.#refuse("the network", `cannot receive: ${error.message}`));
    events.emit("udp:open", {
      port: socket.address().port,
      receiveBufferBytes: socket.getRecvBufferSize(),
    });
  }

  get senders(): number {
    return this.#senders.size;
  }

  /** What is under way is still recorded, then everything is finalised. */
  async stop(): Promise<void> {
    if (this.#senders.size > 0) await new Promise((resolve) => setTimeout(resolve, DATAGRAM_WINDOW_MS));
    for (const timer of this.#timers) clearInterval(timer);
    const closed = new Promise<void>((resolve) => this.#socket.close(resolve));
    this.#senders.sweep((sender) => {
      sender.finish("server-stopping", "");
      sender.pass.leave();
      return true;
    });
    await closed;
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    if (!isDatagram(bytes, this.#channels)) return this.#refuseMalformed(bytes, from);
    const nowUs = this.#context.clock.monotonicUs();
    const sender = this.#senders.get(from) ?? this.#admit(from, nowUs);
    if (sender === undefined) return;
    this.#busy.add(sender);
    sender.receive(bytes, nowUs, this.#waiting.at(nowUs));
  }

  #admit(from: RemoteInfo, nowUs: number): UdpSender | undefined {
    const context = this.#context;
    const address = plainAddress(from.address);
    const peer = addressName(address, from.port);
    const device = context.settings.now.devices[address]?.name ?? addressAsName(address);
    const onRefused = (reason: string) => {
      this.#refuse(peer, reason);
      return undefined;
    };
    const full = this.#fullBecause();
    if (full !== undefined) return onRefused(full);
    let sender: UdpSender | undefined;
    const expel = (reason: string) => sender?.finish("refused", reason);
    const { pass, refusal } = context.gate.enter({ address, expel }, { device });
    if (refusal !== undefined) return onRefused(refusal.status === 401 ? NO_TOKEN : refusal.reason);
    sender = new UdpSender({ context, pass, device, peer, onRefused }, nowUs);
    this.#senders.add(from, sender);
    return sender;
  }

  #fullBecause(): string | undefined {
    const most = Math.ceil(this.#context.settings.now.maxConnections * SHARE_OF_CONNECTIONS);
    if (this.#senders.size < most) return undefined;
    return `${most} UDP senders are known, half of the connections allowed`;
  }

  #refuseMalformed(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (!this.#refusals.count(performance.now())) return;
    try {
      checkDatagram(bytes, this.#channels);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refusals.tell(addressName(plainAddress(address), port), error.message);
    }
  }

  #refuse(peer: string, reason: string): void {
    if (this.#refusals.count(performance.now())) this.#refusals.tell(peer, reason);
  }

  #tick(): void {
    const nowUs = this.#context.clock.monotonicUs();
    this.#waiting.tick(nowUs);
    const waitingMs = this.#waiting.at(nowUs);
    const busy = this.#busy;
    this.#busy = new Set();
    for (const sender of busy) if (sender.tick(nowUs, waitingMs)) this.#busy.add(sender);
  }

  #sweep(): void {
    const nowUs = this.#context.clock.monotonicUs();
    this.#senders.sweep((sender) => {
      const done = sender.sweep(nowUs);
      if (done) sender.pass.leave();
      return done;
    });
  }
}
