import type { Locator, Page } from "playwright-core";
import type { RecordedDay } from "./recorded-days.js";

/** The lanes of a day as a person uses them. */
export class DayPage {
  constructor(readonly page: Page) {}

  get field(): Locator {
    return this.page.locator(".day-field");
  }

  get player(): Locator {
    return this.page.getByRole("region", { name: "Player" });
  }

  /** Resolves when its devices are there. */
  async ready(): Promise<void> {
    await this.page.locator('.day-lanes[aria-busy="false"]').waitFor();
    await this.page.locator(".day-label-name, .day-switch select").first().waitFor();
  }

  /** Where a second of the day lies in a device's lane; `view`: what is shown, in seconds of the day. */
  async place(
    device: string,
    second: number,
    view = { from: 0, to: 86_400 },
  ): Promise<{ x: number; y: number }> {
    const name = this.page
      .locator(".day-label")
      .filter({ has: this.page.getByText(device, { exact: true }) });
    const [label, field] = [await boxOf(name.first()), await boxOf(this.field)];
    const x = field.x + (field.width * (second - view.from)) / (view.to - view.from);
    return { x, y: label.y + label.height / 2 };
  }

  async click(...where: Parameters<DayPage["place"]>): Promise<void> {
    const { x, y } = await this.place(...where);
    await this.page.mouse.click(x, y);
  }

  /** Draws a selection. */
  async drag(device: string, from: number, to: number, view: { from: number; to: number }): Promise<void> {
    const [begin, end] = [await this.place(device, from, view), await this.place(device, to, view)];
    await this.page.mouse.move(begin.x, begin.y);
    await this.page.mouse.down();
    await this.page.mouse.move((begin.x + end.x) / 2, end.y, { steps: 3 });
    await this.page.mouse.move(end.x, end.y, { steps: 3 });
    await this.page.mouse.up();
  }

  /** The second of the day that the player shows. */
  async shown(): Promise<number> {
    const text = (await this.player.locator(".player-clock").textContent()) ?? "";
    const [, hours, minutes, seconds] = /(\d\d):(\d\d):(\d\d)/.exec(text) ?? [];
    return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  }
}

/** Its address with devices, and a view: `03:10`. */
export function dayAddress(
  { date }: RecordedDay,
  devices: readonly string[],
  from?: string,
  to?: string,
  at?: string,
) {
  const query = new URLSearchParams(devices.map((device) => ["device", device]));
  for (const [name, time] of Object.entries({ from, to, at }))
    if (time !== undefined) query.set(name, time.length === 5 ? `${time}:00.000` : `${time}.000`);
  return `date/${date}?${query}`;
}

async function boxOf(locator: Locator) {
  await locator.waitFor();
  const box = await locator.boundingBox();
  if (box === null) throw new Error("it is not to be seen");
  return box;
}
