/** What people write to devices, and what is known of them. */
import { describe, expect, it } from "vitest";
import type { Scene } from "../support/scene.js";

export function devices(scene: () => Scene): void {
  describe("a device", () => {
    it("is called as somebody wrote it, on every page and in the search, also after a reload", async () => {
      const { page } = await scene().visit("devices/attic");
      await page.getByLabel("Label", { exact: true }).fill("Under the roof");
      await page.getByLabel(/^Group/).fill("House");
      await page.locator("textarea[name=note]").fill("a marten lives <b>here</b>");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved", { exact: true }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: /Under the roof/ }).waitFor();
      expect(await page.locator("textarea[name=note]").inputValue()).toBe("a marten lives <b>here</b>");
      await page.getByRole("link", { name: "Now" }).click();
      await page.getByText("Under the roof").first().waitFor();
      await page.getByRole("link", { name: "Search" }).click();
      await page.locator("input[type=search]").fill("under the");
      await page
        .getByRole("link", { name: /Under the roof/ })
        .first()
        .waitFor();
    });

    it("shows what it has recorded, what is missing and why, and leads to it", async () => {
      const { page } = await scene().visit("devices/porch");
      await page.getByRole("heading", { name: /porch/ }).waitFor();
      const { yesterday } = scene().days;
      await page.locator(`a[href*="/date/${yesterday.date}"]`).first().waitFor();
      await page.getByText("disconnected").first().waitFor();
    });
  });
}
