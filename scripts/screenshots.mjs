// `npm run screenshots`: the README's pictures, of the built pages with days of recordings, into docs/images/.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const IMAGES = join(ROOT, "docs", "images");
const LOOK = join(ROOT, "packages", "web", "test", "support", "look.mjs");
/** Name, place, screen and colours of each. */
const PICTURES = [
  ["day", "/date/{yesterday}", "desktop", "light"],
  ["now", "/", "desktop", "dark"],
  ["phone", "/date/{yesterday}?device=kitchen&device=garden", "phone", "dark"],
];

const folder = mkdtempSync(join(tmpdir(), "audio-pictures-"));
mkdirSync(IMAGES, { recursive: true });
try {
  for (const [name, place, screen, color] of PICTURES) {
    const words = [
      "--out",
      folder,
      "--wait",
      "5000",
      "--screens",
      screen,
      "--colors",
      color,
      "--name",
      name,
      place,
    ];
    execFileSync(process.execPath, [LOOK, "--timezone", "Europe/Vienna", ...words], { stdio: "inherit" });
    renameSync(join(folder, `${name}-${screen}-${color}.png`), join(IMAGES, `${name}.png`));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
