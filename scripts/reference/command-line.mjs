// docs/cli.md: the help of both programs and of all their commands, as the built programs print it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

const RECEIVER = join(ROOT, "packages", "receiver", "dist", "cli.js");
const STREAMER = join(ROOT, "packages", "streamer", "bin", "audio-stream.js");

/** What a command of audio-receiver prints for --help. All run in this process: twenty would take seconds. */
async function helpOf(main, words) {
  const write = process.stdout.write;
  const parts = [];
  process.stdout.write = (text) => parts.push(String(text)) > 0;
  try {
    await main([process.execPath, "audio-receiver", ...words, "--help"]);
  } finally {
    process.stdout.write = write;
  }
  process.exitCode = 0;
  process.stdout.removeAllListeners("error"); // each call of main adds one
  return parts.join("").trimEnd();
}

function commandsOf(help) {
  const [, list = ""] = /^Commands:\n((?: .*\n?)*)/m.exec(help) ?? [];
  const names = Array.from(list.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name]) => name);
  return names.filter((name) => name !== "help");
}

async function withCommands(main, words = []) {
  const help = await helpOf(main, words);
  const found = [{ words, help }];
  for (const name of commandsOf(help)) found.push(...(await withCommands(main, [...words, name])));
  return found;
}

function helpOfStreamer() {
  const { stdout, status, stderr } = spawnSync(process.execPath, [STREAMER, "--help"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`audio-stream --help: ${stderr}`);
  return stdout.trimEnd();
}

/** Commands that take all of serve's flags show their own; the rest is said in one line. */
const SHARED_FLAGS = 10;

function withoutFlagsOf(serve, help) {
  const known = new Set(serve.split("\n").filter((line) => line.startsWith("  -")));
  known.delete(serve.split("\n").find((line) => line.includes("-h, --help")));
  const lines = help.split("\n");
  const first = lines.findIndex((line) => known.has(line));
  const own = lines.filter((line) => !known.has(line));
  if (lines.length - own.length < SHARED_FLAGS) return help;
  return own.toSpliced(first, 0, "  …  every flag of audio-receiver serve").join("\n");
}

const block = (help) => `\`\`\`text\n${help.replace(/ +$/gm, "")}\n\`\`\`\n`;

export async function commandLine() {
  const { main } = await import(RECEIVER);
  const [root, ...commands] = await withCommands(main);
  const serve = commands.find(({ words }) => words[0] === "serve").help;
  const sections = commands.map(({ words, help }) => {
    const shown = words[0] === "serve" ? help : withoutFlagsOf(serve, help);
    return `${words.length > 1 ? "###" : "##"} audio-receiver ${words.join(" ")}\n\n${block(shown)}`;
  });
  const parts = [
    `## audio-receiver\n\n${block(root.help)}`,
    ...sections,
    `## audio-stream\n\n${block(helpOfStreamer())}`,
  ];
  return parts.join("\n");
}
