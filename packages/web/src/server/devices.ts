import type { ResponseOf } from "@audio/api/client";
import { computed, signal } from "@preact/signals";
import { server } from "./client.js";
import { onEvent } from "./live.js";

export type Device = ResponseOf<"GET /devices/{device}">;

/** Every device that is known, with what people wrote to it; undefined until the receiver has told. */
export const devices = signal<readonly Device[] | undefined>(undefined);
/** Why they are not known, or not as they are now. */
export const devicesFailure = signal<Error | undefined>(undefined);

const byName = computed(() => new Map(devices.value?.map((device) => [device.device, device])));

/** A device as it is known. */
export function deviceOf(device: string): Device | undefined {
  return byName.value.get(device);
}

/** How people call a device: its label, else its name; `~` is all senders that gave none. */
export function nameOf(device: string): string {
  const label = deviceOf(device)?.label;
  if (label !== undefined && label !== "") return label;
  return device === "~" ? "without a name" : device;
}

/** Asks for them, and again whenever somebody changes one; what is returned ends that. */
export function startDevices(): () => void {
  void loadDevices();
  return onEvent("changed", ({ what }) => {
    if (what === "devices") void loadDevices();
  });
}

/** Asks for them anew. */
export async function loadDevices(): Promise<void> {
  try {
    devices.value = await server.call("GET /devices", {});
    devicesFailure.value = undefined;
  } catch (error) {
    devicesFailure.value = error as Error;
  }
}
