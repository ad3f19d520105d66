import { z } from "zod";
import { Microseconds } from "./common.js";

/** Who is logged in, and what they may do. */
export const User = z.object({
  name: z.string(),
  role: z.enum(["admin", "listener"]).describe("a listener sees and hears, and changes nothing"),
  devices: z.array(z.string()).nullable().describe("names, or beginnings followed by *; null = all"),
});
export type User = z.infer<typeof User>;

/** What does not change while the receiver runs. */
export const ServerInfo = z.object({
  version: z.string(),
  startedUs: Microseconds,
  nowUs: Microseconds.describe("the receiver's clock, for pages whose own is wrong"),
  timezone: z.string().describe("IANA name; file names and dates are in it"),
  user: User,
  ingest: z.object({
    websocketPort: z.int().nullable(),
    websocketUrl: z
      .string()
      .nullable()
      .describe(
        "where a proxy takes streams, as wss://recorder.example.org/ws; null: they go to websocketPort itself",
      ),
    tcpPort: z.int().nullable(),
    udpPort: z.int().nullable(),
    needsToken: z.boolean(),
    isEncrypted: z.boolean(),
  }),
  catalogue: z.boolean().describe("false: there is none, so nothing can be found or played by time"),
  encoders: z.array(z.enum(["flac", "opus"])).describe("what /audio can encode to beside wav"),
});
export type ServerInfo = z.infer<typeof ServerInfo>;
