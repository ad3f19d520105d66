import { NAMELESS } from "@audio/api";

/** How the interface names a device of the catalogue. */
export function nameOf(device: string | null | undefined): string {
  return device ?? NAMELESS;
}

/** The device of the catalogue that the interface names so; null: senders without a name. */
export function deviceNamed(name: string): string | null {
  return name === NAMELESS ? null : name;
}
