import type { EventEmitter } from "node:events";
import { AddressList } from "./access/address-list.js";
import { Authority } from "./access/authority.js";
import { TlsIdentity } from "./access/tls-identity.js";
import { Tokens } from "./access/tokens.js";
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
  settings: ReceiverSettings,
  events: EventEmitter<ReceiverEvents>,
  disk: GateOptions["disk"],
): Promise<Access> {
  const tls = await openTls(settings, events);
  let gate: Gate | undefined;
  const tokens = await openTokens(settings, events, () => gate?.expelRevoked());
  gate = new Gate({ ...settings, disk, authority: authority(settings, tokens) });
  const { maxPendingConnections: seats } = settings;
  const reason = `${seats} connections have sent nothing yet, the most allowed (--max-pending-connections)`;
  const lobby = new Lobby(seats, (peer, listener) =>
    events.emit("refused", { peer, listener, reason, code: undefined }),
  );
  return {
    gate,
    lobby,
    tls,
    handshakeTimeoutMs: settings.handshakeTimeoutMs,
    onRefused: (refused) => events.emit("refused", refused),
    close() {
      tokens?.close();
      tls?.close();
    },
  };
}

function authority({ allowFrom, trustFrom }: ReceiverSettings, tokens: Tokens | undefined): Authority {
  const allowed = allowFrom.length === 0 ? undefined : new AddressList(allowFrom);
  return new Authority({ allowed, tokens, trusted: new AddressList(trustFrom) });
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
