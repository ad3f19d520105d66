/** The receiver goes, comes back, stands behind a path, and is new. */
import { describe, expect, it } from "vitest";
import { type Scene, visitFor } from "../support/scene.js";
import { WebServer } from "../support/web-server.js";

export function serverTrouble(scene: () => Scene): void {
  describe("a receiver of its own", () => {
    it("shows who is new how to make a first sound appear", async () => {
      await using server = await WebServer.start();
      const { page } = await visitFor(scene().browser, server.url, "");
      const { host } = new URL(`${server.process.ready.ws}`);
      await page
        .getByText(new RegExp(`audio-stream.*${host.split(":")[1]}`))
        .first()
        .waitFor();
      await page
        .getByRole("link", { name: /microphone/i })
        .last()
        .click();
      await page.getByRole("button", { name: "Start recording" }).waitFor();
      await page.close();
    });

    it("says when the receiver is gone, and when it is back", async () => {
      const server = await WebServer.start();
      await using _end = server;
      const visit = await visitFor(scene().browser, server.url, "");
      visit.expect(/ERR_|Failed to load|net::/);
      const { page } = visit;
      await page.getByText("live", { exact: true }).waitFor();
      await server.kill();
      await page.getByText("The receiver does not answer.").waitFor();
      await using _back = await WebServer.start({ flags: ["--web-port", new URL(server.url).port] });
      await page.getByText("The receiver does not answer.").waitFor({ state: "detached", timeout: 30_000 });
      await page.getByText("live", { exact: true }).waitFor();
    });

    it("works below a path", async () => {
      await using server = await WebServer.start({ flags: ["--web-path", "/sounds/"], waits: false });
      const { page } = await visitFor(scene().browser, new URL("/sounds/", server.url).href, "");
      for (const name of ["Calendar", "Search", "Devices", "Microphone", "Now"]) {
        await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
        await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
      }
      expect(new URL(page.url()).pathname).toBe("/sounds/");
      await page.getByText("live", { exact: true }).waitFor();
      await page.close();
    });
  });
}
