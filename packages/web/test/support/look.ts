import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type ColorScheme, SCREENS, type Screen, TestBrowser } from "./browser.js";
import { LiveDevices } from "./live-devices.js";
import { type RecordedDays, recordDays, TIMEZONE } from "./recorded-days.js";
import { LOGIN, WebServer } from "./web-server.js";

const USAGE = `node packages/web/test/support/look.mjs [OPTIONS] [PLACE…]

Makes days of recordings in a temporary folder, starts the receiver on them, and takes a picture of each place
(default: /) on a phone and a desktop, in light and dark. In a place, {today}, {yesterday} and {lastWeek} are dates.

  --out FOLDER     where the pictures go (default: the working folder)
  --screens LIST   phone,desktop
  --colors LIST    light,dark
  --wait MS        between opening a place and its picture (default 1500)
  --name NAME      of the pictures (default: the place)
  --empty          nothing is recorded, and nothing sends
  --serve          no pictures: stays up, and prints the address and the login
  --timezone ZONE  of the receiver (default ${TIMEZONE})`;

const LIVE = [
  { name: "kitchen", number: 0 },
  { name: "garden", number: 1, peakDbfs: -42 },
  { name: "hall", number: 5, codec: "pcm" },
] as const;

/** What look.mjs does. */
export async function look(words: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      out: { type: "string", default: "." },
      screens: { type: "string", default: "phone,desktop" },
      colors: { type: "string", default: "light,dark" },
      wait: { type: "string", default: "1500" },
      name: { type: "string" },
      empty: { type: "boolean", default: false },
      serve: { type: "boolean", default: false },
      timezone: { type: "string", default: TIMEZONE },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const dataDir = await mkdtemp(join(tmpdir(), "audio-look-"));
  try {
    const days = values.empty ? undefined : await recordDays(dataDir, { ...values, isLong: true });
    await using server = await WebServer.start({ dataDir, timezone: values.timezone });
    await using _live = new LiveDevices(`${server.process.ready.ws}`, values.empty ? [] : LIVE);
    const places = positionals.length === 0 ? ["/"] : positionals.map((place) => dated(place, days));
    if (values.serve) await serve(server, days);
    else await takePictures(server.url, places, values);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function dated(place: string, days: RecordedDays | undefined): string {
  return place.replace(
    /\{(today|yesterday|lastWeek)\}/g,
    (_, day: "today") => days?.[day].date ?? "2026-01-01",
  );
}

async function serve({ url }: WebServer, days: RecordedDays | undefined): Promise<void> {
  console.log(`${url}   ${LOGIN.username} / ${LOGIN.password}`);
  for (const day of ["today", "yesterday", "lastWeek"] as const)
    console.log(`${day}: ${url}date/${days?.[day].date}`);
  console.log("Ctrl+C ends it");
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, resolve);
  });
}

interface Pictures {
  readonly out: string;
  readonly screens: string;
  readonly colors: string;
  readonly wait: string;
  readonly name?: string;
}

async function takePictures(
  url: string,
  places: string[],
  { out, screens, colors, wait, name }: Pictures,
): Promise<void> {
  await using browser = await TestBrowser.start();
  for (const screen of screens.split(",") as Screen[]) {
    if (!Object.hasOwn(SCREENS, screen)) throw new Error(`--screens: ${screen} is none of phone, desktop`);
    for (const colorScheme of colors.split(",") as ColorScheme[]) {
      await using visit = await browser.visit(url, { screen, colorScheme });
      for (const place of places) {
        await visit.open(place.replace(/^\//, ""));
        await sleep(Number(wait));
        const title = name ?? (place.replaceAll(/[^\w-]+/g, "_").replaceAll(/^_|_$/g, "") || "now");
        const path = join(out, `${title}-${screen}-${colorScheme}.png`);
        await visit.page.screenshot({ path });
        console.log(path, ...visit.complaints.splice(0));
      }
    }
  }
}
