/** What holds on every page: for everybody, small, and as small after a day. */
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { SCREENS, type Screen } from "../support/browser.js";
import type { Scene } from "../support/scene.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ASSETS = join(import.meta.dirname, "../../dist/assets");
const MOST_SCRIPT_BYTES = 100_000;
const DAY_S = 86_400;
// What a sparkline keeps of an hour fills up first.
const WARM_S = 7200;
const MOST_GROWTH_BYTES = 2_000_000;

declare const axe: {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
};

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await axe.run()).violations);
  const grave = found.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`);
}

export function quality(scene: () => Scene): void {
  describe.each(Object.keys(SCREENS) as Screen[])("on a %s", (screen) => {
    it("no page has a barrier that axe calls serious, in light or dark", async () => {
      const { date } = scene().days.lastWeek;
      const places = ["", `date/${date}`, `date/${date}?device=kitchen&at=03:17:00.000`];
      const all = [...places, "calendar", "search", "devices", "microphone"];
      const visit = await scene().visit("", { screen });
      const found: string[] = [];
      for (const place of all) {
        await visit.open(place);
        await visit.page.locator("h1").first().waitFor({ state: "attached" });
        await visit.page.waitForLoadState("load");
        const waiting = visit.page.locator(".skeleton");
        await expect
          .poll(() => waiting.count(), { message: `/${place} is all there`, timeout: 20_000 })
          .toBe(0);
        for (const colorScheme of ["light", "dark"] as const) {
          await visit.page.emulateMedia({ colorScheme });
          for (const violation of await violations(visit.page))
            found.push(`/${place} ${colorScheme} ${violation}`);
        }
      }
      expect(found).toEqual([]);
    });
  });

  it("the first view needs less than 100 kB of script", async () => {
    const visit = await scene().visit("");
    await visit.page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
    const scripts = visit.requests
      .map((url) => basename(new URL(url).pathname))
      .filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(0);
    const bytes = scripts.map((name) => statSync(join(ASSETS, `${name}.gz`)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_SCRIPT_BYTES);
  });

  it("a page that is open for a day keeps no more than after two hours", async () => {
    const visit = await scene().visit("search");
    const { page } = visit;
    const now = (await (await scene().server.ask("api/v1/now")).json()) as {
      nowUs: number;
      devices: object[];
    };
    const [known] = now.devices.filter((device) => "device" in device);
    const stream = {
      ...{ key: 1, device: "kitchen", streamId: 1, source: "websocket", codec: "pcm16", peer: null },
      ...{
        sampleRate: 8000,
        channels: 1,
        bitsPerSample: 16,
        openedUs: now.nowUs,
        endUs: now.nowUs,
        level: null,
      },
      ...{ frames: 1, samples: 1, lostFrames: 0, repeatedFrames: 0, driftPpm: null, frameSamples: 160 },
    };
    const device = { ...known, device: "kitchen", state: "recording", why: null, streams: [stream] };
    const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    let [from, seconds] = [0, WARM_S];
    await page.route("**/api/v1/events", (route) => {
      let body = `retry: 100\n\n${event("now", { ...now, devices: [device] })}`;
      for (let second = from; second < from + seconds; second++) {
        const us = now.nowUs + second * 1e6;
        body += event("levels", { nowUs: us, rows: [[1, -20 - (second % 7), -30, us, 0]] });
      }
      from += seconds;
      return route.fulfill({ contentType: "text/event-stream", body });
    });
    await visit.open("");
    const heap = await page.context().newCDPSession(page);
    const used = async () => {
      await heap.send("HeapProfiler.collectGarbage");
      return (await heap.send("Runtime.getHeapUsage")).usedSize;
    };
    await expect.poll(() => from, { timeout: 15_000 }).toBeGreaterThanOrEqual(2 * WARM_S);
    seconds = 0;
    await page.waitForTimeout(500);
    const before = await used();
    seconds = DAY_S / 4;
    await expect.poll(() => from, { timeout: 15_000 }).toBeGreaterThanOrEqual(2 * WARM_S + DAY_S / 4);
    seconds = 0;
    await page.waitForTimeout(1500);
    expect((await used()) - before).toBeLessThan(MOST_GROWTH_BYTES);
  });
}
