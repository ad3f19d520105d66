import { dataDirHolder } from "@audio/archive";
import { receiverSettings } from "../../config/receiver-settings.js";
import { examine } from "../../doctor/examine.js";
import type { Facts } from "../part.js";
import type { Subject } from "../subject.js";

/** What `audio-receiver doctor` finds; what it has found when the time is over. */
export async function askDoctor(
  { values, dataDir, settingFiles }: Subject,
  signal: AbortSignal,
): Promise<Facts[]> {
  const isRunning = (await dataDirHolder(dataDir)) !== undefined;
  const found: Facts[] = [];
  for await (const { check, verdict, found: what, advice = "" } of examine({
    values,
    settings: receiverSettings(values),
    dataDir,
    settingFiles,
    isRunning,
  })) {
    if (signal.aborted) break;
    found.push({ check, verdict, found: what, advice: verdict === "ok" ? "" : advice });
  }
  return found;
}
