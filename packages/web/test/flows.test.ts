/** What people do with the pages, in a real browser, with real recordings: one receiver and one browser for all. */
import { afterAll, beforeAll } from "vitest";
import { devices } from "./flows/devices.js";
import { finding } from "./flows/finding.js";
import { hearing } from "./flows/hearing.js";
import { live } from "./flows/live.js";
import { quality } from "./flows/quality.js";
import { selecting } from "./flows/selecting.js";
import { serverTrouble } from "./flows/server-trouble.js";
import { Scene } from "./support/scene.js";

let scene: Scene | undefined;

beforeAll(async () => {
  scene = await Scene.create();
}, 120_000);

afterAll(() => scene?.[Symbol.asyncDispose]());

const current = () => {
  if (scene === undefined) throw new Error("there is no scene before the first test");
  return scene;
};

hearing(current);
finding(current);
devices(current);
live(current);
selecting(current);
quality(current);
serverTrouble(current);
