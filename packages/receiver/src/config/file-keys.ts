import { ReceiverError } from "../errors.js";

/** Groups of settings whose names may be written in other ways too, as other programs' configurations have them. */
export const GROUPED = /^(s3|aws|scw)[A-Z]/;
const GROUP = /^(s3|aws|scw)$/i;

/**
 * Settings of a file by their own names: `S3__Enabled`, `S3:Enabled`, `S3_ENABLED` and `Enabled` within `S3` are
 * `s3Enabled`. What is not known stays as it is.
 * @throws ReceiverError `invalid-setting` for a setting that is given twice
 */
export function canonicalKeys(
  values: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
): Record<string, unknown> {
  const names = new Map(known.filter((key) => GROUPED.test(key)).map((key) => [plain(key), key]));
  const written = new Map<string, string>();
  for (const [key] of flattened(values)) {
    const name = names.get(plain(key)) ?? key;
    const twice = written.get(name);
    if (twice !== undefined)
      throw new ReceiverError(
        "invalid-setting",
        `${path}: ${name} is given twice, as ${twice} and as ${key}`,
      );
    written.set(name, key);
  }
  return Object.fromEntries(flattened(values).map(([key, value]) => [names.get(plain(key)) ?? key, value]));
}

function flattened(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (!GROUP.test(key) || typeof value !== "object" || value === null) return [[key, value]];
    return Object.entries(value).map(([inner, innerValue]) => [`${key}:${inner}`, innerValue]);
  });
}

function plain(key: string): string {
  return key.replaceAll(/[_:]/g, "").toLowerCase();
}
