/** What `npm test` says at its end, of a real run of tests that pass, fail, and pass at their second attempt. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const TESTS = {
  "broken.test.mjs": `throw new Error("does not load");`,
  "steady.test.mjs": `
    import { expect, it } from "vitest";
    it("holds", () => {});
    it("never holds", () => expect(1).toBe(2));
    it.skip("is not run", () => {});`,
  "flaky.test.mjs": `
    import { describe, expect, it } from "vitest";
    let attempts = 0;
    describe("a machine", () => it("that hiccups", () => expect(++attempts).toBe(2)));`,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(ROOT, "node_modules", ".test-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("tells which tests needed a second attempt, and counts what did not load as failed", async () => {
  for (const [name, source] of Object.entries(TESTS)) writeFileSync(join(folder, name), source);
  const config = `export default { test: { include: ["*.test.mjs"], retry: 1 } };`;
  writeFileSync(join(folder, "vitest.config.mjs"), config);
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const words = [vitest, "run", "--reporter=json", "--outputFile.json=report.json"];
  spawnSync(process.execPath, words, { cwd: folder, stdio: "ignore", timeout: 50_000 });
  const report: unknown = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  const { readReport } = await import(join(ROOT, "scripts", "test-report.mjs"));
  expect(readReport(report, folder)).toEqual({
    passed: 2,
    failed: 2,
    skipped: 1,
    retried: [
      expect.stringMatching(/^flaky\.test\.mjs > a machine that hiccups: AssertionError: expected 1 to be 2/),
    ],
  });
});
