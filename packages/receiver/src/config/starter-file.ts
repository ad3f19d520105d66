import type { Setting } from "./setting-kinds.js";
import { SETTINGS } from "./settings-table.js";

const HEAD = `# Settings of audio-receiver. Each one here has its default; remove the # in front of it to change it.
# What is in effect, and why: audio-receiver config. After a change: kill -HUP PID, or a restart.
`;

/**
 * A configuration file to begin with: every setting, commented out.
 * @param schema where the JSON Schema is, for editors
 */
export function starterFile(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n${HEAD}${SETTINGS.map(entryOf).join("")}`;
}

// JSON is YAML, in one line.
function entryOf({ key, about, allowed, fallback }: Setting): string {
  const value = fallback === undefined ? "" : ` ${JSON.stringify(fallback)}`;
  return `\n# ${about}\n# ${allowed}\n#${key}:${value}\n`;
}
