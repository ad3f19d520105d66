import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { hashPassword } from "../access/password-hash.js";
import { ReceiverError } from "../errors.js";

const MOST_BYTES = 1024;

const EXAMPLES = `
The hash is for WEB_UI_PASSWORD_HASH (in the file: webPasswordHash). It is another one each time.

Examples:
  $ audio-receiver hash-password                      asks for the password, without showing it
  $ audio-receiver hash-password < password.txt       its first line`;

export function addHashPasswordCommand(program: Command): void {
  program
    .command("hash-password")
    .description("print the hash of a password for the web port")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const password = process.stdin.isTTY ? await ask() : await firstLine();
      if (password === "") throw invalid("the password is empty");
      process.stdout.write(`${await hashPassword(password)}\n`);
    });
}

async function firstLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk as string;
    if (text.includes("\n") || text.length > MOST_BYTES) break;
  }
  const [line] = text.split(/\r?\n/, 1);
  if (Buffer.byteLength(line) > MOST_BYTES) throw invalid(`the password has more than ${MOST_BYTES} bytes`);
  return line;
}

async function ask(): Promise<string> {
  const password = await askSilently("Password: ");
  if ((await askSilently("Again: ")) !== password) throw invalid("the two are not the same");
  return password;
}

// readline echoes to its output: this one leads nowhere.
async function askSilently(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  const ended = new Promise<never>((_, reject) => {
    lines.once("close", () => reject(invalid("no password was given")));
    lines.once("SIGINT", () => lines.close());
  });
  try {
    return await Promise.race([lines.question(""), ended]);
  } finally {
    lines.removeAllListeners("close");
    lines.close();
    process.stderr.write("\n");
  }
}

function invalid(fault: string): ReceiverError {
  return new ReceiverError("invalid-setting", `${fault}: nothing was hashed`);
}
