import type { User } from "@audio/api";
import { notFound } from "./web-failure.js";

/** Whether a user may know of a device; `device` as the interface names it. */
export function maySee({ devices }: User, device: string): boolean {
  return devices === null || devices.some((pattern) => matches(pattern, device));
}

/**
 * Passes for a device that the user may know of.
 * @throws WebFailure 404
 */
export function requireDevice(user: User, device: string): void {
  if (!maySee(user, device)) throw notFound(`no device ${device}`);
}

function matches(pattern: string, device: string): boolean {
  return pattern.endsWith("*") ? device.startsWith(pattern.slice(0, -1)) : device === pattern;
}
