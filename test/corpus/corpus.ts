import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folders beside this file. */
export const KINDS = ["handshake", "frames", "websocket", "datagram", "wav", "bin", "stranger"] as const;

export type Kind = (typeof KINDS)[number];

export interface Entry {
  /** `wav/rate-0` */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The entries of a folder, or of all. */
export function corpus(...kinds: readonly Kind[]): Entry[] {
  return (kinds.length === 0 ? KINDS : kinds).flatMap((kind) =>
    readdirSync(join(import.meta.dirname, kind)).map((file) => ({
      name: `${kind}/${file.replace(/\.bin$/, "")}`,
      bytes: readFileSync(join(import.meta.dirname, kind, file)),
    })),
  );
}
