import { choice, type Setting, text } from "../setting-kinds.js";

/** The program itself. */
export const PROGRAM: readonly Setting[] = [
  choice(
    "logLevel",
    "--log-level <level>",
    ["LOG_LEVEL"],
    ["trace", "debug", "info", "warn", "error", "silent"],
    "info",
    "how much is logged",
  ),
  choice(
    "logFormat",
    "--log-format <format>",
    ["LOG_FORMAT"],
    ["auto", "pretty", "json"],
    "auto",
    "auto = pretty on a terminal, else json",
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
];
