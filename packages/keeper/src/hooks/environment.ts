import { type Field, fieldsOf, variableOf } from "./fields.js";
import type { HookPayload } from "./payload.js";

/** All that a command gets of the receiver's own environment: what programs need to run, nothing that opens doors. */
const PASSED = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"],
  ...["SystemRoot", "PATHEXT", "TEMP", "TMP"], // Windows starts hardly anything without
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a command: allowed variables, those that its `env` names, and `AUDIO_…`. */
export function commandEnvironment(
  payload: HookPayload,
  dataDir: string,
  own: Environment,
  named: readonly string[],
): Record<string, string> {
  const passed = [...PASSED, ...named].flatMap((name) =>
    own[name] === undefined ? [] : [[name, own[name]]],
  );
  const told = Object.entries(fieldsOf(payload, dataDir)).map(([field, text]) => [
    variableOf(field as Field),
    text,
  ]);
  return Object.fromEntries([...passed, ...told]);
}
