/** What is live: meters, listening, this browser as a microphone. */
import { openWavFile } from "@audio/streamer";
import { describe, expect, it } from "vitest";
import { until } from "../../../receiver/test/support/waiting.js";
import { LiveDevices } from "../support/live-devices.js";
import { MICROPHONE, type Scene } from "../support/scene.js";
import { heardNow } from "../support/tap.js";

const NUMBER = 6;

export function live(scene: () => Scene): void {
  describe("now", () => {
    it("shows how loud a device is, lets it be heard, and that it has stopped", async () => {
      await using devices = new LiveDevices(`${scene().server.process.ready.ws}`, [
        { name: "stable", number: NUMBER, peakDbfs: -20 },
      ]);
      const { page } = await scene().visit("");
      const row = page
        .getByRole("listitem")
        .filter({ has: page.getByText("stable", { exact: true }) })
        .first();
      await row.waitFor();
      await expect.poll(() => row.textContent(), { timeout: 15_000 }).toMatch(/−(19|20|21)[.\d]*\sdBFS/);
      expect(await row.textContent()).toMatch(/recording/i);
      await row.getByRole("button", { name: "Listen to stable" }).click();
      await until("to hear it", async () => (await heardNow(page)).device === NUMBER, 20_000, 50);
      await devices.stop();
      await expect.poll(() => row.textContent(), { timeout: 15_000 }).toMatch(/offline|not connected/i);
    });
  });

  describe("this browser as a microphone", () => {
    it("what its microphone hears is in the recording", async () => {
      const { page } = await scene().visit("microphone");
      await page.getByLabel("Name of this microphone").fill("laptop");
      await page.getByRole("button", { name: "Start recording" }).click();
      const meters = page.getByRole("region", { name: "Recording" });
      await meters
        .getByText(/^00:00:0[5-9]$/)
        .first()
        .waitFor();
      await meters.getByRole("button", { name: "Stop" }).click();
      await page.getByRole("button", { name: "Start recording" }).waitFor();
      const recorded = await recording(scene());
      const spoken = await wholeOf(MICROPHONE);
      expect(recorded.length).toBeGreaterThan(3 * 16_000);
      const piece = recorded.subarray(16_000, 16_000 + 24_000);
      expect(likeness(piece, spoken)).toBeGreaterThan(0.8);
    });
  });
}

async function recording(scene: Scene): Promise<Float32Array> {
  const nowUs = Date.now() * 1000;
  const audio = await until("the recording", async () => {
    const path = `api/v1/audio?device=laptop&from=${nowUs - 120e6}&to=${nowUs + 60e6}&gaps=cut`;
    const answer = await scene.server.ask(path);
    return answer.ok && new Uint8Array(await answer.arrayBuffer());
  });
  const samples = new Int16Array(audio.slice(44, audio.length - (audio.length % 2)).buffer);
  return Float32Array.from(samples, (sample) => sample / 32_768);
}

async function wholeOf(path: string): Promise<Float32Array> {
  const source = await openWavFile(path);
  const all: number[] = [];
  for (let piece = await source.read(); piece !== undefined; piece = await source.read())
    for (const sample of piece) all.push(sample / 32_768);
  await source.close();
  return Float32Array.from(all);
}

/** The largest correlation of a piece with any place of a sound that is heard again and again: 1 = the same. */
function likeness(piece: Float32Array, sound: Float32Array): number {
  const step = 4; // speech at 16 kHz has next to nothing above 2 kHz that would be missed
  const thin = (all: Float32Array) =>
    Float32Array.from({ length: Math.floor(all.length / step) }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < step; j++) sum += all[i * step + j];
      return sum;
    });
  const [a, b] = [thin(piece), thin(sound)];
  let best = 0;
  for (let at = 0; at < b.length; at++) {
    let [both, ofA, ofB] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      const other = b[(at + i) % b.length];
      both += a[i] * other;
      ofA += a[i] * a[i];
      ofB += other * other;
    }
    best = Math.max(best, both / Math.sqrt(ofA * ofB || 1));
  }
  return best;
}
