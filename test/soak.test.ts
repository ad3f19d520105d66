/** The soak of bench/soak for about a minute: devices that come, go, break and are slow, and a receiver that is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it } from "vitest";

const PROGRAM = join(import.meta.dirname, "..", "bench", "soak", "main.mjs");
const { SOAK_MINUTES = "0.6" } = process.env;
const MINUTES = Number(SOAK_MINUTES);

it(
  "every recorded sample is one that was sent, nothing sure is missing, nothing grows",
  async () => {
    const words = ["--minutes", String(MINUTES), "--streams", "24", "--longest", "12", "--kill-every", "15"];
    const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const [code] = await once(child, "close");
    const failed = output.split("\n").filter((line) => line.includes("**FAILED**"));
    expect(failed, failed.join("; ")).toEqual([]);
    expect(output).toMatch(/^- held: \d{2,} streams were held against what they sent$/m);
    expect(output).toMatch(/The receiver was killed [1-9]/);
    expect(code).toBe(0);
  },
  (MINUTES + 4) * 60_000,
);
