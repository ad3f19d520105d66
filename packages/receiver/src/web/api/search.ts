import type { DeviceCard, Finding, User } from "@audio/api";
import type { TimeZone } from "@audio/segments";
import { datesIn } from "../dates-in-words.js";
import { nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { maySee } from "../visibility.js";
import type { Handlers } from "./handler.js";

/** A stretch of a device, and what people said of it. */
export interface Said {
  readonly device: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly text: string;
}

export interface SearchSources extends SegmentSources {
  readonly zone: TimeZone;
  readonly cards: () => Promise<(device: string) => DeviceCard>;
  readonly notes: () => Promise<readonly Said[]>;
  readonly pins: () => Promise<readonly Said[]>;
}

/** Finds by words. */
export function searchHandlers(sources: SearchSources): Handlers {
  return {
    "GET /search": async ({ user, query: { q, limit } }) => {
      const dates = datesIn(q, sources.zone, Date.now() * 1000).map(
        (found): Finding => ({ kind: "date", device: null, ...found }),
      );
      const devices = await devicesLike(sources, user, q);
      const notes = said("note", await sources.notes(), user, q);
      const pins = said("pin", await sources.pins(), user, q);
      return [...dates, ...devices, ...notes, ...pins].slice(0, limit);
    },
  };
}

async function devicesLike(sources: SearchSources, user: User, q: string): Promise<Finding[]> {
  const { reader, streams, cards } = sources;
  const card = await cards();
  const names = new Set(
    [...(await reader.deviceNames()), ...streams.live.map(({ info }) => info.device)].map(nameOf),
  );
  return [...names]
    .filter((device) => maySee(user, device))
    .filter((device) => has([device, card(device).label, card(device).group].join("\n"), q))
    .sort()
    .map((device) => ({
      kind: "device",
      device,
      title: card(device).label || device,
      fromUs: null,
      toUs: null,
      date: null,
    }));
}

// Latest first: that is what people look for.
function said(kind: "note" | "pin", all: readonly Said[], user: User, q: string): Finding[] {
  return all
    .filter(({ device, text }) => maySee(user, device) && has(text, q))
    .sort((a, b) => b.fromUs - a.fromUs)
    .map(({ device, text, fromUs, toUs }) => ({ kind, device, title: text, fromUs, toUs, date: null }));
}

function has(text: string, q: string): boolean {
  return text.toLocaleLowerCase().includes(q.toLocaleLowerCase());
}
