import type { EventEmitter } from "node:events";
import { addressList } from "./access/address-list.js";
import { Authority } from "./access/authority.js";
import { TlsIdentity } from "./access/tls-identity.js";
import { Tokens } from "./access/tokens.js";
import type { CurrentSettings } from "./current-settings.js";
import type { ReceiverEvents } from "./events.js";
import { Gate, type GateOptions } from "./ingest/gate.js";
import { Lobby } from "./ingest/lobby.js";
import type { ServerContext } from "./ingest/servers.js";
import type { ReceiverSettings } from "./settings.js";

/** What stands between the network and the recordings: the same for every port. */
export interface Access extends ServerContext {
  readonly gate: Gate;
  /** Looks after tokens and certificates no more. */
  close(): void;
}

/** @throws ReceiverError `invalid-certificate` */
export async function openAccess(
  settings: CurrentSettings,
  events: EventEmitter<ReceiverEvents>,
  disk: GateOptions["disk"],
): Promise<Access> {
  const tls = await openTls(settings.now, events);
  let gate: Gate | undefined;
  const tokens = await openTokens(settings.now, events, () => gate?.expelRevoked());
  gate = new Gate({ limits: settings, disk, authority: authority(settings, tokens) });
  const seats = () => settings.now.maxPendingConnections;
  const lobby = new Lobby(seats, (peer, listener) => {
    const reason = `${seats()} connections have sent nothing yet, the most allowed (--max-pending-connections)`;
    events.emit("refused", { peer, listener, reason, code: undefined });
  });
  return {
    gate,
    lobby,
    tls,
    handshakeTimeoutMs: settings.now.handshakeTimeoutMs,
    onRefused: (refused) => events.emit("refused", refused),
    close() {
      tokens?.close();
      tls?.close();
    },
  };
}

function authority(settings: CurrentSettings, tokens: Tokens | undefined): Authority {
  return new Authority({
    tokens,
    get allowed() {
      const { allowFrom } = settings.now;
      return allowFrom.length === 0 ? undefined : addressList(allowFrom);
    },
    get trusted() {
      return addressList(settings.now.trustFrom);
    },
  });
}

async function openTls(
  { tls }: ReceiverSettings,
  events: EventEmitter<ReceiverEvents>,
): Promise<TlsIdentity | undefined> {
  if (tls === undefined) return undefined;
  return TlsIdentity.open({ files: tls, onChange: (change) => events.emit("certificate", change) });
}

async function openTokens(
  { tokensFile }: ReceiverSettings,
  events: EventEmitter<ReceiverEvents>,
  afterChange: () => void,
): Promise<Tokens | undefined> {
  if (tokensFile === undefined) return undefined;
  const onChange = (change: ReceiverEvents["tokens"][0]) => {
    events.emit("tokens", change);
    afterChange();
  };
  return Tokens.open({ path: tokensFile, onChange });
}
