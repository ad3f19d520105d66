import { readFile, stat } from "node:fs/promises";
import { knownSecrets } from "../report/known-secrets.js";
import { type Check, type Finding, ok, warning } from "./finding.js";

const FOR_EVERYBODY = 0o004;

/** Whether others on this machine can read what is secret: keys, and settings with passwords in them. */
export const checkSecretFiles: Check = async ({ settingFiles, settings: { tls } }) => {
  const looks = settingFiles.map(async (path) => {
    const text = await readFile(path, "utf8").catch(() => ""); // not there, mostly
    return knownSecrets({ env: {}, texts: [text], values: undefined }).length > 0 ? path : undefined;
  });
  const secret = [...(await Promise.all(looks)), tls?.key].filter((path) => path !== undefined);
  const found = (await Promise.all(secret.map(openFile))).filter((finding) => finding !== undefined);
  if (found.length > 0 || secret.length === 0) return found;
  return [ok("secrets", `${secret.join(", ")}: not for everybody to read`)];
};

async function openFile(path: string): Promise<Finding | undefined> {
  const mode = await stat(path).then(
    ({ mode }) => mode,
    () => 0,
  ); // the certificate's own look tells
  if ((mode & FOR_EVERYBODY) === 0) return undefined;
  return warning("secrets", `${path} can be read by everybody on this machine`, `chmod o-r ${path}`);
}
