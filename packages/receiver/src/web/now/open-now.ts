import { findFfmpeg } from "@audio/compress";
import type { TimeZone } from "@audio/segments";
import { VERSION } from "../../software.js";
import type { NowHandlerSources } from "../api/now.js";
import type { CatalogueReader } from "../catalogue-reader.js";
import type { WebChanges } from "../changes.js";
import { type HealthOptions, readinessOf } from "../health.js";
import type { WebSources } from "../web-sources.js";
import { EarlierDevices } from "./earlier-devices.js";
import { EventFeed } from "./event-feed.js";
import { KeeperGlance } from "./keeper-glance.js";
import { LastEnds } from "./last-ends.js";

/** What the pages of live devices are made of, and what tells them. */
export function openNow(
  sources: WebSources,
  zone: TimeZone,
  health: HealthOptions,
  changes: WebChanges,
  reader: Pick<CatalogueReader, "devices"> | undefined,
): NowHandlerSources {
  const { archive, events, keeper, listeners, settings, streams, onRefused } = sources;
  const now = {
    archive,
    settings,
    streams,
    ends: new LastEnds(events),
    earlier: new EarlierDevices(reader),
    keeper: new KeeperGlance(keeper),
    readiness: () => readinessOf(health),
  };
  const onFault = ({ message }: Error) =>
    onRefused({ peer: "itself", listener: "web", reason: `internal error: ${message}`, code: 500 });
  return {
    now,
    feed: new EventFeed({ sources: now, events, changes, dataDir: archive.dataDir, onFault }),
    listeners,
    encoders: memoized(findEncoders),
    server: {
      version: VERSION,
      startedUs: Date.now() * 1000,
      timezone: zone.name,
      catalogue: keeper !== undefined,
      needsToken: settings.now.tokensFile !== undefined,
      isEncrypted: settings.now.tls !== undefined,
      get publicUrl() {
        return settings.now.wsPublicUrl;
      },
    },
  };
}

async function findEncoders(): Promise<("flac" | "opus")[]> {
  const has = (encoder: string) =>
    findFfmpeg({ encoders: [encoder] }).then(
      () => true,
      () => false, // there is none, which is what was asked
    );
  const [flac, opus] = await Promise.all([has("flac"), has("libopus")]);
  return [...(flac ? (["flac"] as const) : []), ...(opus ? (["opus"] as const) : [])];
}

function memoized<Result>(find: () => Promise<Result>): () => Promise<Result> {
  let found: Promise<Result> | undefined;
  return () => (found ??= find());
}
