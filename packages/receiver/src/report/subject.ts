import type { ConfigValues } from "../config/config-values.js";
import type { ConfigEntry } from "../config/load.js";

/** Whose names a report may hold. */
export interface Names {
  readonly device: Set<string>;
  readonly user: Set<string>;
  readonly host: Set<string>;
  readonly bucket: Set<string>;
}

/** What a report is about. */
export interface Subject {
  readonly entries: readonly ConfigEntry[];
  readonly values: ConfigValues;
  /** What is wrong with the configuration, so that these are the values without it. */
  readonly configFault: string | undefined;
  /** Absolute; need not exist. */
  readonly dataDir: string;
  /** Files that settings are read from, if they are there. */
  readonly settingFiles: readonly string[];
  /** Lines of the log file that are wanted. */
  readonly logLines: number;
  /** Filled while questions are answered: what pseudonyms stand in for. */
  readonly names: Names;
}

/** The names that a configuration holds, and those of this machine. */
export function namesOf(values: ConfigValues, machine: { host: string; user: string }): Names {
  const { devices, hooks, webUsers, webUsername } = values;
  const named = Object.entries(devices).flatMap(([key, { name }]) => [
    key,
    ...(name === undefined ? [] : [name]),
  ]);
  const visible = webUsers.flatMap(({ user }) => user.devices ?? []).map((name) => name.replace(/\*$/, ""));
  const wanted = hooks.flatMap((hook) => hook.devices ?? []);
  const buckets = [values.s3Bucket, values.awsBucket, values.scwBucket];
  const people = [...webUsers.map(({ user }) => user.name), webUsername, machine.user];
  return {
    device: new Set([...named, ...visible, ...wanted]),
    user: new Set(people.filter((name) => !WELL_KNOWN.has(name))),
    host: new Set([machine.host, ...hostsIn(values)].filter((name) => name !== "localhost")),
    bucket: new Set(buckets.filter((name) => name !== undefined)),
  };
}

const WELL_KNOWN = new Set(["admin", "root", "audio-receiver", "node"]);

function hostsIn({ s3ServiceUrl, scwServiceUrl, hooks }: ConfigValues): string[] {
  const urls = [
    s3ServiceUrl,
    scwServiceUrl,
    ...hooks.map((hook) => (hook.kind === "webhook" ? hook.url : undefined)),
  ];
  return urls.flatMap((url) => (url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []));
}
