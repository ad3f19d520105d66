import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that goes with the test. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "audio-upload-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of random bytes, which goes with the test. */
export function randomFile(bytes: number, name = "a.wav"): { path: string; content: Buffer } {
  const path = join(temporaryFolder(), name);
  const content = randomBytes(bytes);
  writeFileSync(path, content);
  return { path, content };
}
