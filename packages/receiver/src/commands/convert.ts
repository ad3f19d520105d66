import type { Command } from "commander";
import { type Converted, type ConvertOptions, convertBin } from "../convert-bin.js";
import { ReceiverError } from "../errors.js";

const EXAMPLES = `
The format is taken from the file itself when it begins with a handshake (--bin-handshake), else from the WAV of the
same name beside it, else from the options below.

Examples:
  $ audio-receiver convert data/received/kitchen/stream_1_kitchen_20261121_180000.bin --out restored.wav
  $ audio-receiver convert *.bin --sample-rate 16000 --nibble-order high`;

interface Flags {
  readonly out?: string;
  readonly sampleRate?: string;
  readonly channels?: string;
  readonly frameSamples?: string;
  readonly nibbleOrder: string;
  readonly json?: boolean;
}

export function addConvertCommand(program: Command): void {
  const command = program
    .command("convert <files...>")
    .description("turn recorded frames (.bin) into WAV")
    .option("--out <file>", "where to write (default: NAME.converted.wav beside each .bin; never overwrites)")
    .option("--sample-rate <hz>", "1000 … 384000")
    .option("--channels <n>", "1 … 8")
    .option(
      "--frame-samples <n>",
      "samples per channel in a full frame, 1 … 65535 (default: the first frame's)",
    )
    .option("--nibble-order <order>", "auto, low, high", "auto")
    .option("--json", "one object per file, as JSON")
    .addHelpText("after", EXAMPLES);
  command.action((files: string[], flags: Flags) => convertAll(files, flags));
}

async function convertAll(files: readonly string[], flags: Flags): Promise<void> {
  if (files.length > 1 && flags.out !== undefined)
    throw invalid("out", flags.out, "one file only: leave it out for several");
  const results: Converted[] = [];
  for (const file of files) results.push(await convertBin(optionsFor(file, flags)));
  process.stdout.write(flags.json ? `${JSON.stringify(results, null, 2)}\n` : results.map(line).join(""));
}

function optionsFor(file: string, flags: Flags): ConvertOptions {
  return {
    file,
    out: flags.out ?? file.replace(/(\.bin)?(\.part)?$/, ".converted.wav"),
    sampleRate: whole("sample-rate", flags.sampleRate, 1000, 384_000),
    channels: whole("channels", flags.channels, 1, 8),
    frameSamples: whole("frame-samples", flags.frameSamples, 1, 65_535),
    nibbleOrder: order(flags.nibbleOrder),
  };
}

function whole(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw invalid(name, text, `a whole number ${low} … ${high}`);
}

function order(text: string): ConvertOptions["nibbleOrder"] {
  if (text === "auto" || text === "low" || text === "high") return text;
  throw invalid("nibble-order", text, "auto, low, high");
}

function invalid(name: string, value: string, allowed: string): ReceiverError {
  return new ReceiverError("invalid-setting", `--${name}: "${value}" is not allowed; allowed is ${allowed}`);
}

function line({ file, out, frames, seconds, lostFrames, nibbleOrder, tornBytes }: Converted): string {
  const notes = [
    nibbleOrder === undefined ? "" : `nibble order ${nibbleOrder}`,
    lostFrames > 0 ? `${lostFrames} lost frames filled with silence` : "",
    tornBytes > 0 ? `${tornBytes} torn bytes at the end left out` : "",
  ].filter((note) => note !== "");
  return `${file} → ${out}: ${frames} frames, ${seconds} s${notes.map((note) => `, ${note}`).join("")}\n`;
}
