/** The way to what was recorded: calendar, search, keys. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { DayPage, dayAddress } from "../support/day-page.js";
import { secondOf } from "../support/recorded-days.js";
import type { Scene } from "../support/scene.js";
import { hear } from "../support/tap.js";

const MOST_LEVEL_BYTES = 100_000;

/** Presses Tab until something has the focus that leads there, or is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const { href = "", textContent } = document.activeElement as HTMLAnchorElement;
      return `${href} ${textContent}`;
    });
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused()).split(/[ /]/).includes(name)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${name}`);
}

export function finding(scene: () => Scene): void {
  describe("finding what was recorded", () => {
    it("the calendar has a day for each device that recorded on it", async () => {
      const { lastWeek } = scene().days;
      const { page } = await scene().visit(`calendar?month=${lastWeek.date.slice(0, 7)}`);
      await page.locator(`a[href*="/date/${lastWeek.date}?device=attic"]`).click();
      const day = new DayPage(page);
      await day.ready();
      expect(await page.locator(".day-label").count()).toBe(1);
    });

    it("a search finds a device", async () => {
      const { page } = await scene().visit("search");
      await page.locator("input[type=search]:focus").waitFor();
      await page.keyboard.type("work");
      await page
        .getByRole("link", { name: /workshop/ })
        .first()
        .click();
      await page.waitForURL(/workshop/);
    });

    it("is possible without a pointer, from the first page to the sound", async () => {
      const { page } = await scene().visit("");
      await page.getByRole("navigation", { name: "Days of the last week" }).waitFor();
      const { date } = scene().days.lastWeek;
      await tabTo(page, date);
      await page.keyboard.press("Enter");
      const day = new DayPage(page);
      await day.ready();
      await page.locator(".day-label", { hasText: "kitchen" }).waitFor();
      await tabTo(page, "kitchen");
      await page.keyboard.press("Enter");
      await page.keyboard.press("t");
      await page.keyboard.type("03:17:20");
      await page.keyboard.press("Enter");
      await page.keyboard.press(" ");
      const near = (second: number) => Math.abs(second - secondOf("03:17:20")) < 15;
      await hear(page, "03:17:20", near);
      await page.keyboard.press("]");
      await hear(
        page,
        "the next sound",
        (second) => second >= secondOf("03:17:29") && second < secondOf("03:17:45"),
      );
      await page.keyboard.press(" ");
      await day.player.getByRole("button", { name: "Play", exact: true }).waitFor();
    });

    it("a day of 8640 segments is painted from one request", async () => {
      const sizes: Promise<number>[] = [];
      const { page } = await scene().visit("calendar");
      page.on("response", (response) => {
        if (response.url().includes("/levels?")) sizes.push(response.body().then(({ length }) => length));
      });
      await page.goto(new URL(dayAddress(scene().days.yesterday, ["kitchen"]), scene().server.url).href);
      const day = new DayPage(page);
      await day.ready();
      const colours = () =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>(".day-field canvas");
          const context = canvas?.getContext("2d");
          if (!canvas || !context || canvas.width === 0) return 0;
          const y = Math.floor(canvas.height / 2);
          const { data } = context.getImageData(0, y, canvas.width, 1);
          const all = new Set<number>();
          for (let i = 0; i < data.length; i += 4)
            all.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          return all.size;
        });
      await expect.poll(colours, { timeout: 15_000 }).toBeGreaterThan(20);
      expect(await Promise.all(sizes)).toHaveLength(1);
      expect((await Promise.all(sizes))[0]).toBeLessThan(MOST_LEVEL_BYTES);
    });

    it("says from when to when something is missing, and why", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.yesterday, ["porch"]));
      const day = new DayPage(page);
      await day.ready();
      const { x, y } = await day.place("porch", secondOf("05:00"));
      await page.mouse.move(x, y);
      await page
        .getByText(/04:00.*06:30/)
        .first()
        .waitFor();
      expect(await page.locator(".day-field").textContent()).toMatch(/disconnect|connection|not connected/i);
    });
  });
}
