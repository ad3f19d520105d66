import { applying, choice, integer, path, type Setting, text } from "../setting-kinds.js";

/** The program itself. */
export const PROGRAM: readonly Setting[] = [
  ...applying(
    "now",
    choice(
      "logLevel",
      "--log-level <level>",
      ["LOG_LEVEL"],
      ["trace", "debug", "info", "warn", "error", "silent"],
      "info",
      "how much is logged",
    ),
  ),
  ...applying(
    "restart",
    choice(
      "logFormat",
      "--log-format <format>",
      ["LOG_FORMAT"],
      ["auto", "pretty", "json"],
      "auto",
      "auto = pretty on a terminal, else json",
    ),
    path("logFile", "--log-file <file>", "LOG_FILE", "the log goes into this file too (docs/logs.md)"),
    integer(
      "logMaxMb",
      "--log-max-mb <n>",
      ["LOG_MAX_MB"],
      [0, 10_000],
      10,
      "a log file of this size is put aside, and a new one begun; 0 = logrotate or somebody else does that",
    ),
    integer(
      "logKeep",
      "--log-keep <n>",
      ["LOG_KEEP"],
      [1, 1000],
      5,
      "log files that stay, the current one among them: all take logMaxMb × logKeep at most",
    ),
    {
      key: "readyFile",
      flag: "--ready-file <file>",
      env: ["READY_FILE"],
      schema: text.optional(),
      allowed: "a file",
      fallback: undefined,
      about: "written when every port is open: pid and addresses as JSON",
    },
  ),
];
