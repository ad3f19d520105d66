import { resolve } from "node:path";
import { type Logger, pino } from "pino";
import type { PrettyOptions } from "pino-pretty";
import SonicBoom from "sonic-boom";
import type { ConfigValues } from "./config/config-values.js";
import { LogFile } from "./log-file/log-file.js";

/** The log of `serve`: on standard output, and in a file if there is to be one. */
export interface ProgramLog {
  readonly log: Logger;
  /** Standard output alone: for what must not be kept. */
  readonly unkept: Logger;
  /** The file alone, and what writes to it; undefined without one. */
  readonly kept: { readonly log: Logger; readonly file: LogFile } | undefined;
}

type LogValues = Pick<ConfigValues, "logLevel" | "logFormat" | "logFile" | "logMaxMb" | "logKeep">;

const MEGABYTE = 1_000_000;

/** @throws ReceiverError `invalid-setting` if the file cannot be used */
export async function openProgramLog(values: LogValues): Promise<ProgramLog> {
  const toOutput = await outputStream(values);
  const unkept = loggerOf(values, toOutput);
  if (values.logFile === undefined) return { log: unkept, unkept, kept: undefined };
  const file = await openLogFile(values.logFile, values, { unkept, kept: () => kept });
  const toFile = await fileStream(values, file);
  const kept = loggerOf(values, toFile);
  const both = {
    write(line: string) {
      toOutput.write(line);
      toFile.write(line);
    },
  };
  return { log: loggerOf(values, both), unkept, kept: { log: kept, file } };
}

type LineStream = { write(line: string): unknown };

function loggerOf({ logLevel: level }: LogValues, stream: LineStream): Logger {
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

// Whoever reads standard output may stop reading (Ctrl-S, a paged log, a container's log driver): then lines wait, up to 1 MB,
// and what comes after is lost. Written synchronously, the recording would stand still with them. pino.destination is the
// same, but at the process's end tries to write what waits until it can: for ever, on a terminal that is closed (EIO).
const MOST_WAITING_BYTES = 1_000_000;

async function outputStream({ logFormat }: LogValues): Promise<LineStream> {
  const destination = new SonicBoom({ fd: 1, sync: false, maxLength: MOST_WAITING_BYTES });
  destination.on("error", () => undefined); // a file on a full disk, say: the next line tries again
  const isForPeople = logFormat === "pretty" || (logFormat === "auto" && process.stdout.isTTY);
  if (!isForPeople) return destination;
  const { prettyFactory } = await import("pino-pretty");
  const colorize = process.stdout.isTTY;
  const inWords = prettyFactory({ ...PRETTY, colorize, translateTime: "SYS:HH:MM:ss" });
  return { write: (line) => destination.write(inWords(line)) };
}

const PRETTY: PrettyOptions = { singleLine: true, ignore: "pid,hostname" };

// A file is read later, and elsewhere: the day and the zone belong to the time.
async function fileStream({ logFormat }: LogValues, file: LogFile): Promise<LineStream> {
  if (logFormat !== "pretty") return file;
  const { prettyFactory } = await import("pino-pretty");
  const inWords = prettyFactory({
    ...PRETTY,
    colorize: false,
    translateTime: "SYS:yyyy-mm-dd HH:MM:ss.l o",
  });
  return { write: (line) => file.write(inWords(line)) };
}

async function openLogFile(
  name: string,
  { logMaxMb, logKeep }: LogValues,
  { unkept, kept }: { unkept: Logger; kept: () => Logger },
): Promise<LogFile> {
  const path = resolve(name);
  const onTrouble = (reason: string | undefined, lostLines: number) => {
    if (reason !== undefined)
      return unkept.error({ path, reason }, "log file cannot be written: lines wait, then are lost");
    unkept.info({ path, lostLines }, "log file: written again");
    if (lostLines > 0)
      kept().warn({ lostLines }, "lines are missing here: the log file could not be written");
  };
  return LogFile.open({ path, maxBytes: logMaxMb * MEGABYTE, keep: logKeep, onTrouble });
}
