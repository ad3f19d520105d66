import { TimeZone } from "@audio/segments";
import type { Catalogue } from "../catalogue/catalogue.js";

/** What is summed up. */
export interface TotalsQuery {
  /** Of these alone (null: senders without a name); undefined = of all. */
  readonly devices?: readonly (string | null)[];
  /** IANA name: dates are on its clocks. */
  readonly timezone: string;
  /** Segments of which it is to be told whether they are in it. */
  readonly stems: readonly string[];
}

/** Audio files and objects, `.bin` not among them. */
export interface Totals {
  /** Start of each date on which a recording began: UTC, microseconds since the epoch, in order. */
  readonly dates: readonly number[];
  readonly localFiles: number;
  readonly localBytes: number;
  readonly remoteFiles: number;
  readonly remoteBytes: number;
  readonly known: readonly string[];
}

const DAY_US = 86_400_000_000;

/** Answers for the whole archive: one look-up for each date and device. */
export function totalsFrom(catalogue: Catalogue): (query: TotalsQuery) => Totals {
  return ({ devices, timezone, stems }) => {
    const ids = devices?.flatMap((device) => catalogue.devices.find(device ?? undefined) ?? []) ?? [
      undefined,
    ];
    const audio = ids.flatMap((id) => catalogue.devices.usage(id)).filter(({ form }) => form !== "bin");
    const sum = (field: "localFiles" | "localBytes" | "remoteFiles" | "remoteBytes") =>
      audio.reduce((total, usage) => total + usage[field], 0);
    return {
      dates: datesOf(catalogue, ids, new TimeZone(timezone)),
      localFiles: sum("localFiles"),
      localBytes: sum("localBytes"),
      remoteFiles: sum("remoteFiles"),
      remoteBytes: sum("remoteBytes"),
      known: [...catalogue.overview.known(stems)],
    };
  };
}

function datesOf({ statistics }: Catalogue, ids: readonly (number | undefined)[], zone: TimeZone): number[] {
  const dates: number[] = [];
  for (let fromUs = Number.MIN_SAFE_INTEGER; ; ) {
    const starts = ids.flatMap((id) => statistics.firstStartUs(fromUs, id) ?? []);
    if (starts.length === 0) return dates;
    const startUs = starts.reduce((first, us) => Math.min(first, us));
    dates.push(midnight(startUs, zone, 0));
    fromUs = midnight(startUs, zone, 1);
  }
}

/** When the date of a time begins, or one some days later: UTC, microseconds since the epoch. */
function midnight(us: number, zone: TimeZone, days: number): number {
  const localUs = (Math.floor((us + zone.offsetUs(us)) / DAY_US) + days) * DAY_US;
  // Where clocks are changed at midnight, there may be none, or two.
  const moments = zone.moments(localUs);
  return moments[0] ?? localUs - zone.offsetUs(localUs - DAY_US);
}
