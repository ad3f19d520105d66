import type { Gap, Sound } from "@audio/api";
import type { GapRecord, SoundEvent } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import type { CatalogueReader } from "../catalogue-reader.js";
import { nameOf } from "../device-name.js";
import { earliest, inTurn, visibleDevices } from "../visible-devices.js";
import type { Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface GapSources {
  readonly reader: CatalogueReader;
  readonly zone: TimeZone;
}

/** What is missing, and what was heard. */
export function gapHandlers({ reader, zone }: GapSources): Handlers {
  return {
    "GET /gaps": async ({ user, query }) => {
      const asked = { ...queryRange(query, zone), limit: query.limit };
      const devices = await visibleDevices(reader, user, query.device);
      const lists = await inTurn(devices, (device) => reader.gaps({ ...device, ...asked }));
      return earliest(lists, query.limit).map(gapShown);
    },
    "GET /sounds": async ({ user, query }) => {
      const asked = { ...queryRange(query, zone), minScore: query.minScore, limit: query.limit };
      const devices = await visibleDevices(reader, user, query.device);
      const lists = await inTurn(devices, (device) => reader.sounds({ ...device, ...asked }));
      return earliest(lists, query.limit).map(soundShown);
    },
  };
}

export function gapShown({ device, startUs, endUs, lengthUs, gaps, cause, filled }: GapRecord): Gap {
  return { device: nameOf(device), startUs, endUs, lengthUs, gaps, cause, filled };
}

export function soundShown({ device, ...sound }: SoundEvent): Sound {
  return { device: nameOf(device), ...sound };
}
