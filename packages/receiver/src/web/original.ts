import type { User } from "@audio/api";
import type { TimeZone } from "@audio/segments";
import type { FastifyInstance } from "fastify";
import { type DayRange, dayOf } from "./audio/day.js";
import { findFile } from "./audio/find-file.js";
import type { Playback } from "./audio/playback.js";
import { sendBytes } from "./audio/send-bytes.js";
import { storedFile } from "./audio/stored-file.js";
import { nameOf } from "./device-name.js";
import type { SegmentSources } from "./known-segments.js";
import { liveSegments } from "./live-segments.js";
import type { Pages } from "./pages.js";
import { maySee } from "./visibility.js";
import { visibleDevices } from "./visible-devices.js";
import { notFound } from "./web-failure.js";

export interface OriginalSources extends SegmentSources {
  readonly playback: Playback;
  readonly pages: Pages;
  readonly zone: TimeZone;
}

interface FileAddress {
  readonly Params: { readonly date: string; readonly file: string };
}

interface DateAddress {
  readonly Params: { readonly date: string };
}

/** The addresses that recordings and days have had from the beginning: files by date and name, and the day's page. */
export function addOriginal(app: FastifyInstance, sources: OriginalSources): void {
  for (const [path, isDownload] of [
    ["/stream/:date/:file", false],
    ["/download/:date/:file", true],
  ] as const)
    app.get<FileAddress>(path, async (request, reply) => {
      const { user, params } = request;
      const found = await findFile(sources, user, sources.zone, params);
      if ("insteadName" in found) return reply.redirect(encodeURIComponent(found.insteadName), 302);
      const resource = await storedFile(found, sources.playback, reply);
      const fileName = isDownload ? params.file : undefined;
      return sendBytes(request, reply, { ...resource, fileName });
    });
  app.get<DateAddress>("/date/:date", async (request, reply) => {
    const day = dayOf(request.params.date, sources.zone);
    if (day !== undefined && (await hasSomething(sources, request.user, day)))
      return sources.pages.send(request, reply);
    // The page says it better than a line of JSON, and leads on.
    if (request.headers.accept?.includes("text/html")) return sources.pages.send(request, reply.status(404));
    throw notFound("not a date, or nothing was recorded on it");
  });
}

async function hasSomething(sources: OriginalSources, user: User, day: DayRange): Promise<boolean> {
  if (liveSegments(sources, day).some(({ device }) => maySee(user, nameOf(device)))) return true;
  for (const device of await visibleDevices(sources.reader, user, undefined)) {
    const [found] = await sources.reader.segments({ ...device, ...day, limit: 1 });
    if (found !== undefined) return true;
  }
  return false;
}
