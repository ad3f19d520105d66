import type { TimeZone } from "@audio/segments";
import type { CatalogueReader } from "../catalogue-reader.js";
import { deviceNamed } from "../device-name.js";
import { requireDevice } from "../visibility.js";
import type { Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface ConnectionSources {
  readonly reader: Pick<CatalogueReader, "connections">;
  readonly zone: TimeZone;
}

/** When devices were connected. */
export function connectionHandlers({ reader, zone }: ConnectionSources): Handlers {
  return {
    "GET /devices/{device}/connections": async ({ user, params: { device }, query }) => {
      requireDevice(user, device);
      const { limit } = query;
      const asked = { device: deviceNamed(device), ...queryRange(query, zone), limit };
      const found = await reader.connections(asked);
      const isAdmin = user.role === "admin"; // addresses are nobody else's business
      return found.map((one) => ({ ...one, device, peer: isAdmin ? one.peer : null }));
    },
  };
}
