import type { Device, DeviceCard, User } from "@audio/api";
import type { DeviceSummary, Segment } from "@audio/archive";
import type { RetentionSettings } from "@audio/keeper/settings";
import { deviceNamed, nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { type LiveSegment, liveSegments } from "../live-segments.js";
import { maySee, requireDevice } from "../visibility.js";
import { notFound } from "../web-failure.js";
import type { Handlers } from "./handler.js";

export interface DeviceSources extends SegmentSources {
  readonly settings: { readonly now: { readonly retention: RetentionSettings } };
  /** What people wrote to devices, by name. */
  readonly cards: () => Promise<(device: string) => DeviceCard>;
  readonly writeCard: (device: string, change: Partial<DeviceCard>) => Promise<void>;
  /** Names of the tokens that are for one device alone, by device. */
  readonly tokens: () => Promise<ReadonlyMap<string, string>>;
}

/** What is known of all devices at a moment. */
interface Known {
  readonly summaries: ReadonlyMap<string, DeviceSummary>;
  readonly cards: (device: string) => DeviceCard;
  readonly tokens: ReadonlyMap<string, string>;
  /** Segments that the catalogue does not have yet, by device. */
  readonly live: ReadonlyMap<string, readonly LiveSegment[]>;
}

const GIGABYTE = 1e9;

/** Devices, and what people write to them. */
export function deviceHandlers(sources: DeviceSources): Handlers {
  const one = async (user: User, device: string) => {
    requireDevice(user, device);
    const known = await knownOf(sources, user);
    if (!everyName(sources, known).includes(device)) throw notFound(`no device ${device}`);
    return deviceShown(sources, known, device);
  };
  return {
    "GET /devices": async ({ user }) => {
      const known = await knownOf(sources, user);
      const names = everyName(sources, known).filter((device) => maySee(user, device));
      const shown: Device[] = [];
      for (const device of names) shown.push(await deviceShown(sources, known, device));
      return shown;
    },
    "GET /devices/{device}": ({ user, params: { device } }) => one(user, device),
    "PATCH /devices/{device}": async ({ user, params: { device }, body }) => {
      await one(user, device);
      await sources.writeCard(device, body);
      return one(user, device);
    },
  };
}

async function knownOf(sources: DeviceSources, { role }: User): Promise<Known> {
  const { reader, cards, tokens } = sources;
  const live = new Map<string, LiveSegment[]>();
  for (const segment of liveSegments(sources)) {
    const name = nameOf(segment.device);
    live.set(name, [...(live.get(name) ?? []), segment]);
  }
  const summaries = await reader.devices();
  return {
    live,
    summaries: new Map(summaries.map((summary) => [nameOf(summary.device), summary])),
    cards: await cards(),
    tokens: role === "admin" ? await tokens() : new Map(),
  };
}

function everyName({ streams, settings }: DeviceSources, { summaries, tokens, live }: Known): string[] {
  const configured = Object.keys(settings.now.retention.devices); // those for which something is different
  const connected = streams.live.map(({ info }) => nameOf(info.device));
  return [
    ...new Set([...summaries.keys(), ...live.keys(), ...connected, ...configured, ...tokens.keys()]),
  ].sort();
}

async function deviceShown(sources: DeviceSources, known: Known, name: string): Promise<Device> {
  const summary = known.summaries.get(name);
  const device = deviceNamed(name);
  const live = known.live.get(name) ?? [];
  const stored =
    summary === undefined ? [] : await sources.reader.segments({ device, descending: true, limit: 1 });
  const last: Segment | undefined = live.at(-1) ?? stored[0];
  const usage = summary?.usage ?? [];
  return {
    ...known.cards(name),
    device: name,
    segments: (summary?.segments ?? 0) + live.length,
    firstUs: summary?.firstUs ?? live[0]?.startUs ?? null,
    lastUs: Math.max(summary?.lastUs ?? 0, ...live.map(({ endUs }) => endUs)) || null,
    localBytes: usage.reduce((sum, { localBytes }) => sum + localBytes, 0),
    remoteBytes: usage.reduce((sum, { remoteBytes }) => sum + remoteBytes, 0),
    format: last === undefined ? null : formatOf(last),
    source: last?.source ?? null,
    token: known.tokens.get(name) ?? null,
    retention: retentionOf(sources.settings.now.retention, name),
  };
}

function formatOf({ sampleRate, channels, bitsPerSample }: Segment): NonNullable<Device["format"]> {
  return { sampleRate, channels, bitsPerSample };
}

function retentionOf({ maxAgeDays, devices }: RetentionSettings, name: string): Device["retention"] {
  const own = Object.hasOwn(devices, name) ? devices[name] : {};
  if (own.keep) return { keep: true, maxAgeDays: null, maxGb: null };
  return {
    keep: false,
    maxAgeDays: own.maxAgeDays ?? maxAgeDays ?? null,
    maxGb: own.maxBytes === undefined ? null : own.maxBytes / GIGABYTE,
  };
}
