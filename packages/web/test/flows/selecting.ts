/** What can be done with a stretch: files of it, pins, notes, its end. */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { DayPage, dayAddress } from "../support/day-page.js";
import { samplesOf } from "../support/day-recorder.js";
import { secondOf } from "../support/recorded-days.js";
import type { Scene } from "../support/scene.js";
import { hear } from "../support/tap.js";
import { CODE_RATE, heardIn } from "../support/time-code.js";

const VIEW = { from: secondOf("03:13"), to: secondOf("03:15") };

/** Samples of a downloaded file, as ffmpeg decodes it. */
async function downloaded(
  page: Page,
  name: RegExp,
): Promise<{ file: string; format: string; samples: Int16Array }> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name }).click();
  const download = await waiting;
  const path = await download.path();
  const probe = ["-v", "error", "-show_entries", "format=format_name", "-of", "csv=p=0", path];
  const format = execFileSync("ffprobe", probe, { encoding: "utf8" }).trim();
  const decode = ["-v", "error", "-xerror", "-i", path, "-f", "s16le", "-ar", String(CODE_RATE), "-"];
  const pcm = execFileSync("ffmpeg", decode, { maxBuffer: 64 * 1024 * 1024 });
  expect((await readFile(path)).length).toBeGreaterThan(0);
  return { file: download.suggestedFilename(), format, samples: new Int16Array(new Uint8Array(pcm).buffer) };
}

/** Where the last sample of `whole` that begins like `part` is; what a selection by hand begins with is not known before. */
function placeIn(whole: Int16Array, part: Int16Array): number {
  const last = whole.length - part.length;
  for (let at = 0; at <= last; at++) {
    let same = 0;
    while (same < part.length && whole[at + same] === part[same]) same++;
    if (same === part.length) return at;
  }
  return -1;
}

export function selecting(scene: () => Scene): void {
  describe("a stretch that is selected", () => {
    const open = async ([from, to] = ["03:13:58", "03:14:06"]) => {
      const visit = await scene().visit(dayAddress(scene().days.lastWeek, ["kitchen"], "03:13", "03:15"));
      const day = new DayPage(visit.page);
      await day.ready();
      await day.drag("kitchen", secondOf(from), secondOf(to), VIEW);
      return { visit, page: visit.page, day, bar: visit.page.getByRole("region", { name: "Selection" }) };
    };

    it("is heard, and downloaded as WAV, FLAC and Opus: the samples of that moment", async () => {
      const { page, bar } = await open();
      await bar.getByRole("button", { name: "Hear it" }).click();
      await hear(page, "it", (second) => second >= secondOf("03:13:57") && second <= secondOf("03:14:07"));
      const from = secondOf("03:13:55");
      const told = samplesOf({ device: "kitchen", from, seconds: 15, channels: 1, isSpoken: true });
      for (const [name, format] of [
        [/^wav/, "wav"],
        [/^flac/, "flac"],
      ] as const) {
        const found = await downloaded(page, name);
        expect([found.format, found.file]).toEqual([format, expect.stringMatching(`kitchen.*\\.${format}$`)]);
        expect(found.samples.length).toBeGreaterThan(7 * CODE_RATE);
        expect(placeIn(told, found.samples), `${format}: a run of what was recorded`).toBeGreaterThan(0);
      }
      const opus = await downloaded(page, /^opus/);
      expect(opus.format).toBe("ogg");
      const piece = Float32Array.from(opus.samples.subarray(4.2 * CODE_RATE, 4.6 * CODE_RATE));
      expect(heardIn(piece, CODE_RATE)).toMatchObject({ hour: 3, minute: 14 });
    });

    it("is pinned and noted, as text whatever is written, and let go again", async () => {
      const { page, bar } = await open();
      await bar.getByRole("button", { name: "Pin…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Pin", exact: true }).click();
      await bar.getByText("Pinned").waitFor();
      await bar.getByRole("button", { name: "Note…" }).click();
      await page.getByRole("dialog").getByRole("textbox").fill("an owl <b>& its young</b>");
      await page.getByRole("dialog").getByRole("button", { name: "Note", exact: true }).click();
      await bar.getByText("an owl <b>& its young</b>").waitFor();
      const again = await open();
      await again.bar.getByRole("button", { name: "Unpin" }).click();
      await again.bar.getByRole("button", { name: "Remove" }).click();
      await expect.poll(() => again.bar.getByText("Pinned").count()).toBe(0);
    });

    it("is deleted only by who says so, after being told what is lost", async () => {
      await scene().server.complete(); // before, nothing is deleted
      const { page, bar, visit } = await open(["03:14:38", "03:14:46"]);
      visit.expect(/404.*audio\/plan/); // it is still selected, and there is nothing to be heard any more
      await bar.getByRole("button", { name: "Delete…" }).click();
      const dialog = page.getByRole("dialog");
      const remove = dialog.getByRole("button", { name: /^Delete \d segments?/ });
      await remove.waitFor();
      expect(await dialog.textContent()).toContain("more than you have selected");
      expect(await remove.isDisabled()).toBe(true);
      await dialog.getByRole("checkbox").check();
      await remove.click();
      await page.getByText(/2\ssegments deleted/).waitFor();
      const range = `device=kitchen&from=${scene().days.lastWeek.midnightUs + secondOf("03:14:30") * 1e6}`;
      const to = scene().days.lastWeek.midnightUs + secondOf("03:14:50") * 1e6;
      expect((await scene().server.ask(`api/v1/audio/plan?${range}&to=${to}`)).status).toBe(404);
    });

    it("and what is shown are in the address: a link leads others to the same", async () => {
      const { page, day } = await open();
      await page.keyboard.press("Escape");
      await day.click("kitchen", secondOf("03:14:30"), VIEW);
      await day.player.getByRole("button", { name: "Pause" }).click();
      await expect.poll(() => page.url()).toContain("at=03");
      const shown = await day.field.getAttribute("aria-valuenow");
      const other = await scene().visit(page.url().slice(scene().server.url.length), { screen: "phone" });
      const theirs = new DayPage(other.page);
      await theirs.ready();
      expect(await theirs.field.getAttribute("aria-valuenow")).toBe(shown);
      expect(new URL(other.page.url()).searchParams.get("from")).toMatch(/^03:13/);
    });
  });
}
