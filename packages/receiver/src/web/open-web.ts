import { rm } from "node:fs/promises";
import { describeApi } from "@audio/api";
import { type ArchiveReader, openArchiveReader } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import type { FastifyInstance } from "fastify";
import { type GuestList, WebLogin, type WebUser } from "../access/web-login.js";
import { webPasswordIn } from "../access/web-password.js";
import type { WebPasswordMade } from "../events.js";
import type { Listener } from "../ingest/listener.js";
import { LiveRooms } from "../live/live-rooms.js";
import { VERSION } from "../software.js";
import { audioHandlers } from "./api/audio.js";
import { deviceCards, writeCard } from "./api/cards.js";
import { connectionHandlers } from "./api/connections.js";
import { dayHandlers } from "./api/days.js";
import { deletionHandlers } from "./api/deletions.js";
import { deviceHandlers } from "./api/devices.js";
import { gapHandlers } from "./api/gaps-and-sounds.js";
import { levelHandlers } from "./api/levels.js";
import { liveHandlers } from "./api/live.js";
import { markHandlers } from "./api/marks.js";
import { nowHandlers } from "./api/now.js";
import { registerApi } from "./api/register.js";
import { searchHandlers } from "./api/search.js";
import { segmentHandlers } from "./api/segments.js";
import { timelineHandlers } from "./api/timeline.js";
import { openPlayback } from "./audio/playback.js";
import { catalogueReader } from "./catalogue-reader.js";
import { WebChanges } from "./changes.js";
import { deviceTokens } from "./device-tokens.js";
import { WebDoor } from "./door.js";
import { addHealth, readinessOf } from "./health.js";
import { streamOrigin, type WebSocketIngest } from "./ingest-address.js";
import type { SegmentSources } from "./known-segments.js";
import { openMarks } from "./marks.js";
import { addMetrics } from "./metrics/route.js";
import { openNow } from "./now/open-now.js";
import { addOriginal } from "./original.js";
import { Pages } from "./pages.js";
import { listenWeb, type WebOptions } from "./server.js";
import { addTotals } from "./totals.js";
import type { WebSources } from "./web-sources.js";

/** Opens the web port: the probes, and behind the login the pages, their interface and the metrics. */
export async function openWeb(sources: WebSources, host: string, port: number): Promise<Listener> {
  const { made, ...guests } = await guestsOf(sources);
  const login = new WebLogin(guests);
  try {
    const listener = await listenWeb({ ...sources, host, port, ...(await composed(sources, login)) });
    if (made !== undefined) sources.events.emit("web:password", made);
    return listener;
  } catch (error) {
    // One that nobody was shown would lock everybody out at the next start.
    if (made !== undefined) await rm(made.path, { force: true });
    throw error;
  }
}

async function composed(
  sources: WebSources,
  login: WebLogin,
): Promise<Pick<WebOptions, "door" | "webPath" | "routes">> {
  const { settings, onRefused } = sources;
  const door = new WebDoor({ login, settings, onRefused });
  sources.onSettings(async () => {
    const { made, ...guests } = await guestsOf(sources);
    login.change(guests);
    door.dismissOthers();
    if (made !== undefined) sources.events.emit("web:password", made);
  });
  const pages = await Pages.open((request) => streamOrigin(door.askerOf(request), ingestOf(sources)));
  return { door, webPath: settings.now.webPath, routes: (app) => addRoutes(app, sources, login, pages) };
}

function ingestOf({ settings, listeners }: WebSources): WebSocketIngest {
  const { tls, wsPublicUrl: publicUrl } = settings.now;
  return { port: listeners.get("websocket")?.port, isEncrypted: tls !== undefined, publicUrl };
}

async function addRoutes(
  app: FastifyInstance,
  sources: WebSources,
  login: WebLogin,
  pages: Pages,
): Promise<void> {
  const { archive, events, gate, settings, streams } = sources;
  const health = { archive, stopping: () => gate.closed };
  addHealth(app, health);
  addMetrics(app, {
    ...sources,
    logins: login.counts,
    readiness: () => readinessOf(health),
    limits: settings,
    maxMetricDevices: settings.now.maxMetricDevices,
  });
  await pages.add(app);
  const zone = new TimeZone(settings.now.timezone);
  const marks = openMarks(archive.dataDir);
  const changes = new WebChanges();
  const rooms = new LiveRooms(events);
  app.addHook("preClose", () => rooms.close());
  const reader = openReader(sources);
  app.addHook("onClose", () => reader?.close());
  const now = openNow(sources, zone, health, changes, reader);
  app.addHook("preClose", async () => now.feed.close());
  const seen: SegmentSources = { ...sources, reader: catalogueReader(reader) };
  const playback = openPlayback({
    dataDir: archive.dataDir,
    store: settings.now.upload?.store,
    formsOf: ({ stem }) => seen.reader.formsOf(stem),
    onSilence: ({ segment: { stem }, silentSamples, reasons }) =>
      events.emit("keeper", {
        level: "warn",
        message: "audio that was asked for cannot be read: silence stands for it",
        fields: { segment: stem, samples: silentSamples, reasons: [...reasons] },
      }),
  });
  app.addHook("onClose", () => playback.close());
  addTotals(app, { ...seen, zone });
  addOriginal(app, { ...seen, playback, pages, zone });
  registerApi(app, {
    "GET /openapi.json": () => describeApi(VERSION),
    ...nowHandlers(now),
    ...markHandlers({ marks, zone, changes }),
    ...connectionHandlers({ ...seen, zone }),
    ...deletionHandlers({ ...seen, keeper: sources.keeper, zone, changes }),
    ...gapHandlers({ ...seen, zone }),
    ...levelHandlers({ ...seen, zone }),
    ...timelineHandlers({ ...seen, zone }),
    ...dayHandlers({ ...seen, zone }),
    ...segmentHandlers({ ...seen, zone }),
    ...searchHandlers({
      ...seen,
      zone,
      cards: () => deviceCards(marks.cards),
      notes: () => marks.notes.list(),
      pins: async () => (await marks.pins.list()).map((pin) => ({ ...pin, text: pin.note ?? "" })),
    }),
    ...deviceHandlers({
      ...seen,
      settings,
      cards: () => deviceCards(marks.cards),
      async writeCard(device, change) {
        await writeCard(marks.cards, device, change);
        changes.announce("devices");
      },
      tokens: () => deviceTokens(settings.now.tokensFile),
    }),
    ...liveHandlers({ streams, rooms }),
    ...audioHandlers({ ...seen, playback, zone }),
  });
}

// Its thread starts with the first question: who never looks does not pay for it.
function openReader({ archive, events, settings }: WebSources): ArchiveReader | undefined {
  if (!settings.now.catalogue) return undefined;
  return openArchiveReader({ dataDir: archive.dataDir, onNote: (note) => events.emit("keeper", note) });
}

/** Who may come in; a password is made where none was given or made before. */
async function guestsOf({ settings, archive, events }: WebSources): Promise<
  GuestList & {
    readonly made?: WebPasswordMade;
  }
> {
  const { username, secret, users, metricsToken } = settings.now.webAccess;
  const withAdmin = (adminSecret: WebUser["secret"]) => {
    const admin: WebUser = { user: { name: username, role: "admin", devices: null }, secret: adminSecret };
    return { users: [admin, ...users], metricsToken };
  };
  if (secret !== undefined) return withAdmin(secret);
  const found = await webPasswordIn(archive.dataDir);
  const guests = withAdmin(found.hash);
  if (found.hash === undefined) {
    events.emit("web:locked", { path: found.path, fault: found.fault });
    return guests;
  }
  return { ...guests, made: found.generated && { username, ...found.generated } };
}
