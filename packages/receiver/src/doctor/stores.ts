import { existsSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE_FILE, openCatalogue, readPins } from "@audio/archive";
import { createStore } from "@audio/upload";
import { TlsIdentity } from "../access/tls-identity.js";
import { readTokens } from "../access/tokens.js";
import { count } from "../commands/in-words.js";
import { type Check, type Finding, fault, ok, warning } from "./finding.js";

const LONGEST_ASK_MS = 15_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** Whether what was recorded can be found. */
export const checkCatalogue: Check = async ({ dataDir, settings: { catalogue: isOn } }) => {
  if (!isOn)
    return [warning("catalogue", "off: nothing can be found or played by time", "leave out --no-catalogue")];
  if (!existsSync(join(dataDir, CATALOGUE_FILE)))
    return [ok("catalogue", "none yet: a receiver makes it when it starts")];
  try {
    const catalogue = openCatalogue(dataDir, { readOnly: true });
    const devices = catalogue.devices.summaries();
    catalogue.close();
    const segments = devices.reduce((sum, device) => sum + device.segments, 0);
    return [ok("catalogue", `${count(segments, "segment")} of ${count(devices.length, "device")}`)];
  } catch (error) {
    const advice = "audio-receiver reindex builds it anew from the recordings; nothing is lost";
    return [fault("catalogue", (error as Error).message, advice)];
  }
};

export const checkPins: Check = async ({ dataDir }) => {
  const pins = readPins(dataDir);
  return pins.length === 0 ? [] : [ok("pins", count(pins.length, "pinned stretch", "pinned stretches"))];
};

/** Whether the bucket answers to these keys. Writes nothing there. */
export const checkBucket: Check = async ({ settings: { upload } }) => {
  if (upload === undefined) return [];
  const store = createStore(upload.store);
  const late = AbortSignal.timeout(LONGEST_ASK_MS);
  try {
    await store.check(late);
    return [ok("S3", `bucket ${store.bucket} at ${upload.store.url} answers, and can be listed`)];
  } catch (error) {
    const advice =
      "check S3_SERVICE_URL, S3_BUCKET and the keys (docs/upload.md); nothing is deleted here until then";
    const found = late.aborted
      ? `bucket ${store.bucket}: ${upload.store.url} has said nothing for ${LONGEST_ASK_MS / 1000} s`
      : (error as Error).message;
    return [fault("S3", found, advice)];
  } finally {
    await store.close();
  }
};

export const checkTokens: Check = async ({ settings: { tokensFile } }) => {
  if (tokensFile === undefined) return [];
  const { tokens, fault: reason } = await readTokens(tokensFile);
  if (tokens !== undefined && tokens.length > 0)
    return [ok("tokens", `${count(tokens.length, "token")} in ${tokensFile}`)];
  const why = reason === undefined || reason === "absent" ? "there is none yet" : reason;
  return [fault("tokens", `${tokensFile}: ${why}, so nobody may send`, "audio-receiver token add NAME")];
};

export const checkCertificate: Check = async ({ settings: { tls } }) => {
  if (tls === undefined) return [];
  let validUntil = new Date(0);
  const identity = await TlsIdentity.open({
    files: tls,
    onChange: (change) => (validUntil = change.validUntil),
  });
  identity.close();
  return [certificateFinding(tls.cert, validUntil)];
};

function certificateFinding(path: string, validUntil: Date): Finding {
  const days = Math.floor((validUntil.getTime() - Date.now()) / DAY_MS);
  const found = `${path} is good until ${validUntil.toISOString().slice(0, 10)}`;
  const advice = "renew it: a new file is taken over without a restart";
  if (days < 0)
    return fault("certificate", `${path} has expired on ${validUntil.toISOString().slice(0, 10)}`, advice);
  return days < SOON_DAYS ? warning("certificate", found, advice) : ok("certificate", found);
}
