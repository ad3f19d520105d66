/** From a click to the sound of that moment. */
import { describe, expect, it } from "vitest";
import { DayPage, dayAddress } from "../support/day-page.js";
import { DEVICES } from "../support/day-recorder.js";
import { secondOf } from "../support/recorded-days.js";
import type { Scene } from "../support/scene.js";
import { hear, heardNow, hearUntil } from "../support/tap.js";

const NIGHT = { from: secondOf("03:10"), to: secondOf("03:25") };

export function hearing(scene: () => Scene): void {
  describe("hearing what was recorded", () => {
    it("is two clicks from anywhere: a day of the last week, and 03:17 in it", async () => {
      const { days } = scene();
      const { page } = await scene().visit("devices");
      const day = new DayPage(page);
      await page.getByRole("navigation", { name: "Days of the last week" }).getByTitle(/./).nth(1).click();
      expect(new URL(page.url()).pathname).toBe(`/date/${days.lastWeek.date}`);
      await day.ready();
      await day.click("kitchen", secondOf("03:17"));
      const { second, device } = await hear(page, "03:17");
      expect(device).toBe(DEVICES.kitchen);
      expect(Math.abs(second - secondOf("03:17"))).toBeLessThanOrEqual(80); // a pixel of a whole day is a minute
      const shown = await day.shown();
      expect((await hear(page, "more")).second - shown).toBeLessThanOrEqual(2);
      await hear(page, "that it goes on", (later) => later > second + 1);
    });

    it("goes on over the boundary of two segments without leaving out a second", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.lastWeek, ["kitchen"], "03:16", "03:18"));
      const day = new DayPage(page);
      await day.ready();
      const [from, to] = [secondOf("03:17:06"), secondOf("03:17:13")];
      await day.click("kitchen", from, { from: secondOf("03:16"), to: secondOf("03:18") });
      const heard = await hearUntil(page, to);
      expect(heard[0]).toBeGreaterThanOrEqual(from - 1);
      expect(heard).toEqual(Array.from({ length: heard.length }, (_, i) => heard[0] + i));
      expect(heard).toContain(secondOf("03:17:10"));
    });

    it("goes on over a gap, and says where nothing is", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.lastWeek, ["kitchen"], "03:18", "03:20"));
      const day = new DayPage(page);
      await day.ready();
      await day.click("kitchen", secondOf("03:18:56"), { from: secondOf("03:18"), to: secondOf("03:20") });
      await hear(page, "what is before the gap", (second) => second < secondOf("03:19"));
      await day.player.getByLabel("Speed").selectOption("4");
      const isBehind = (second: number) => second >= secondOf("03:19") && second < secondOf("03:30");
      const { second } = await hear(page, "what is behind it", isBehind);
      expect(second).toBeGreaterThanOrEqual(secondOf("03:19:30"));
      expect(second).toBeLessThan(secondOf("03:19:45"));
    });

    it("is faster at another speed, and as high as before", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.lastWeek, ["kitchen"], "03:12", "03:16"));
      const day = new DayPage(page);
      await day.ready();
      await day.click("kitchen", secondOf("03:13"), { from: secondOf("03:12"), to: secondOf("03:16") });
      await day.player.getByLabel("Speed").selectOption("2");
      // Frequencies are the time: at another pitch, another time would be heard, or none.
      const first = await hear(page, "03:13", (second) => second >= secondOf("03:13:02"));
      const start = performance.now();
      const { second } = await hear(page, "some seconds more", (second) => second >= first.second + 8);
      expect((second - first.second) / ((performance.now() - start) / 1000)).toBeGreaterThan(1.4);
    });

    it("plays only what rises above the background in a review", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.lastWeek, ["kitchen"], "03:10", "03:25"));
      const day = new DayPage(page);
      await day.ready();
      await page.getByRole("button", { name: "Review events (3)" }).click();
      const heard = await hearUntil(page, secondOf("03:21:40"));
      const starts = ["03:12:05", "03:17:30", "03:21:40"].map(secondOf);
      const nearest = (second: number) => starts.find((start) => second >= start - 3 && second <= start + 7);
      expect(heard.filter((second) => nearest(second) === undefined)).toEqual([]);
      expect([...new Set(heard.map(nearest))]).toEqual(starts);
    });

    it("plays several devices at the same moment", async () => {
      const address = dayAddress(scene().days.lastWeek, ["kitchen", "workshop"], "03:10", "03:25");
      const { page } = await scene().visit(address);
      const day = new DayPage(page);
      await day.ready();
      for (const device of ["kitchen", "workshop"])
        await page.getByRole("button", { name: `Hear ${device} together` }).click();
      await day.click("workshop", secondOf("03:14"), NIGHT);
      await hear(
        page,
        "03:14",
        (second) => second >= secondOf("03:14") - 2 && second <= secondOf("03:14:20"),
      );
      expect(await page.evaluate(() => globalThis.taps.length)).toBe(2);
      await expect.poll(() => day.player.textContent()).toContain("kitchen, workshop");
    });

    it("says so where nothing was recorded", async () => {
      const { page } = await scene().visit(dayAddress(scene().days.lastWeek, ["attic"]));
      const day = new DayPage(page);
      await day.ready();
      await day.click("attic", secondOf("15:00"));
      await page
        .getByText(/Nothing was recorded|the recordings end/)
        .first()
        .waitFor();
      expect(await heardNow(page)).toEqual({});
    });
  });
}
