import { Ago } from "../../parts/times.js";
import type { Device } from "../../server/devices.js";
import { now } from "../../server/live.js";

/** When a device was last heard, as far as it is known now. */
export function LastAudio({ device: { device, lastUs } }: { readonly device: Device }) {
  const live = now.value?.devices.find((each) => each.device === device);
  if (live?.state === "recording") return <>now</>;
  const us = live?.lastUs ?? lastUs;
  return us === null ? <>never</> : <Ago us={us} />;
}
