import { Command, CommanderError } from "commander";
import {
  hwid,
  integer,
  invalid,
  megabytes,
  oneOf,
  positive,
  tcpTarget,
  token,
  webSocketUrl,
} from "./flag-values.js";
import { DEFAULT_URL, MAX_STREAMS, type StreamAudioOptions } from "./options.js";

/** What the command line asks for: a text to print, or streams. */
export type Invocation =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "stream"; readonly options: StreamAudioOptions; readonly json: boolean };

const EXAMPLES = `
Inputs are played one after the other by every stream; they must agree in rate and channels.
A WAV may be 8/16/24/32-bit, float, A-law, \u00b5-law or IMA ADPCM; its rate and channel count are kept.

Examples:
  $ audio-stream --wav speech.wav
  $ audio-stream --wav monday.wav tuesday.wav --codec pcm --url ws://recorder:5096/ws --hwid studio-1
  $ audio-stream --wav speech.wav --streams 8 --realtime --loop --duration 60
  $ arecord -f S16_LE -r 16000 -t wav | audio-stream -
  $ arecord -f S16_LE -r 16000 -t raw | audio-stream - --raw --sample-rate 16000 --channels 1
  $ audio-stream --input song.mp3 --sample-rate 16000 --channels 1
  $ audio-stream --input alsa:default          (macOS: avfoundation::0, Windows: dshow:audio=NAME)
  $ audio-stream --wav speech.wav --tcp recorder:9000
  $ audio-stream --wav speech.wav --no-ack

Over WebSocket the receiver tells what it has on disk, and whatever it has not is sent again after a break:
nothing is lost if the network or the receiver fails. --no-ack goes on after a break without looking back.

Exit codes: 0 everything was sent and the connections closed cleanly; 1 it was not; 2 a flag is wrong;
130 or 143 stopped by SIGINT or SIGTERM.`;

/** As commander delivers them: every value is still text. */
interface Flags {
  wav?: string[];
  input?: string[];
  inputFormat?: string;
  raw?: true;
  sampleRate?: string;
  channels?: string;
  codec?: string;
  nibbleOrder?: string;
  url?: string;
  tcp?: string;
  hwid?: string;
  token?: string;
  streams?: string;
  streamIdBase?: string;
  frameMs?: string;
  realtime?: true;
  loop?: true;
  duration?: string;
  connectTimeout?: string;
  reconnectTimeout?: string;
  /** False after --no-ack, else true. */
  ack: boolean;
  ackBufferMb?: string;
  json?: true;
}

/**
 * Reads the words of the command line behind the program's name.
 *
 * @throws StreamError `invalid-option`, one line with the flag, its value and what is allowed
 */
export function parseArguments(words: readonly string[], version: string): Invocation {
  const printed: string[] = [];
  const command = describeCommand(version);
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => undefined });
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text: printed.join("") };
    throw invalid(error.message.replace(/^error: /, ""));
  }
  const flags = command.opts<Flags>();
  return { kind: "stream", options: readFlags(flags, command.args), json: flags.json ?? false };
}

function describeCommand(version: string): Command {
  return new Command("audio-stream")
    .description("Streams WAV files, standard input or a live microphone to an audio receiver.")
    .argument("[files...]", "WAV files; - reads standard input")
    .option("--wav <file...>", "the same as a flag")
    .option("--input <input...>", "anything ffmpeg reads: a file, a URL, a microphone (alsa:default)")
    .option("--input-format <name>", "ffmpeg's name of the input's format, if it cannot tell")
    .option("--raw", "the files hold s16le samples without a header")
    .option("--sample-rate <hz>", "--raw: rate of the samples (16000); --input: convert to this rate")
    .option("--channels <n>", "--raw: channels of the samples (1); --input: mix to so many")
    .option("--codec <codec>", "adpcm or pcm (default: adpcm; pcm with --tcp)")
    .option(
      "--nibble-order <order>",
      "adpcm: half of a byte with the earlier sample, low or high (default: low)",
    )
    .option("--url <url>", `WebSocket endpoint (default: ${DEFAULT_URL})`)
    .option("--tcp <host:port>", "send raw PCM over TCP instead")
    .option("--hwid <id>", "device id, appended to the URL's path; all streams carry it")
    .option("--token <token>", "sent as Authorization: Bearer; over TCP as a first line")
    .option("--streams <n>", "streams at once (default: 1)")
    .option("--stream-id-base <n>", "id of the first stream; the others count up (default: 1)")
    .option("--frame-ms <ms>", "audio per frame (default: 20)")
    .option("--realtime", "at the pace of the audio (default: as fast as the server takes it)")
    .option("--loop", "start again at the end")
    .option("--duration <seconds>", "stop after so much audio per stream")
    .option("--connect-timeout <seconds>", "how long the first connection is tried (default: 5)")
    .option(
      "--reconnect-timeout <seconds>",
      "how long a broken connection is tried; 0 = for ever (default: 0)",
    )
    .option("--no-ack", "do not ask the receiver to acknowledge what it has on disk")
    .option("--ack-buffer-mb <mb>", "memory per stream for what is not acknowledged (default: 8)")
    .option("--json", "print the summary as one JSON object")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this text")
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError(false);
}

function readFlags(flags: Flags, bare: readonly string[]): StreamAudioOptions {
  const files = [...(flags.wav ?? []), ...bare];
  checkInputs(flags, files);
  checkDestination(flags);
  const streams = integer("--streams", flags.streams, 1, MAX_STREAMS);
  const maxBase = 2 ** 32 - (streams ?? 1);
  return {
    ...inputs(flags, files),
    codec: oneOf("--codec", flags.codec, ["adpcm", "pcm"]),
    nibbleOrder: oneOf("--nibble-order", flags.nibbleOrder, ["low", "high"]),
    url: webSocketUrl("--url", flags.url),
    tcp: tcpTarget("--tcp", flags.tcp),
    hwid: hwid("--hwid", flags.hwid),
    token: token("--token", flags.token),
    streams,
    streamIdBase: integer("--stream-id-base", flags.streamIdBase, 0, maxBase),
    frameMs: positive("--frame-ms", flags.frameMs, "milliseconds"),
    realtime: flags.realtime,
    loop: flags.loop,
    durationSeconds: positive("--duration", flags.duration, "seconds"),
    connectTimeoutSeconds: positive("--connect-timeout", flags.connectTimeout, "seconds"),
    reconnectTimeoutSeconds: positive("--reconnect-timeout", flags.reconnectTimeout, "seconds", true),
    acknowledge: flags.ack ? undefined : false,
    ackBufferBytes: megabytes("--ack-buffer-mb", flags.ackBufferMb, 1, 1024),
  };
}

function inputs(flags: Flags, files: readonly string[]): StreamAudioOptions {
  const sampleRate = integer("--sample-rate", flags.sampleRate, 1_000, 384_000);
  const channels = integer("--channels", flags.channels, 1, 8);
  if (flags.input) {
    const { inputFormat } = flags;
    return { ffmpeg: flags.input.map((input) => ({ input, inputFormat, sampleRate, channels })) };
  }
  const raw = flags.raw && { sampleRate: sampleRate ?? 16_000, channels: channels ?? 1 };
  return { files, raw };
}

function checkInputs(flags: Flags, files: readonly string[]): void {
  if (files.length === 0 && !flags.input) {
    throw invalid("nothing to stream: give WAV files, - for standard input, or --input (see --help)");
  }
  if (files.length > 0 && flags.input)
    throw invalid(`--input ${flags.input[0]} cannot go with the WAV ${files[0]}`);
  if (flags.input && flags.raw)
    throw invalid("--raw is for files and standard input; with --input give --input-format");
  if (flags.inputFormat && !flags.input) throw invalid(`--input-format ${flags.inputFormat} needs --input`);
  if (!flags.input && !flags.raw) {
    if (flags.sampleRate)
      throw invalid(`--sample-rate ${flags.sampleRate} needs --raw or --input: a WAV keeps its rate`);
    if (flags.channels)
      throw invalid(`--channels ${flags.channels} needs --raw or --input: a WAV keeps its channels`);
  }
  if (files.includes("-")) checkStdin(flags, files);
}

function checkStdin(flags: Flags, files: readonly string[]): void {
  const once = "standard input (-) can be read only once";
  if (Number(flags.streams ?? 1) > 1) throw invalid(`--streams ${flags.streams}: ${once}, so 1 is allowed`);
  if (flags.loop) throw invalid(`--loop cannot go with -: ${once}`);
  if (files.indexOf("-") !== files.lastIndexOf("-")) throw invalid(`- is given twice: ${once}`);
}

function checkDestination(flags: Flags): void {
  if (flags.tcp === undefined) return;
  const carried = "raw TCP carries PCM and nothing else";
  if (flags.codec === "adpcm")
    throw invalid(`--codec adpcm cannot go with --tcp: ${carried}; allowed is pcm`);
  for (const [flag, value] of [
    ["--url", flags.url],
    ["--hwid", flags.hwid],
    ["--nibble-order", flags.nibbleOrder],
    ["--ack-buffer-mb", flags.ackBufferMb],
  ]) {
    if (value !== undefined) throw invalid(`${flag} cannot go with --tcp: ${carried}`);
  }
}
