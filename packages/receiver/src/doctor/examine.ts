import { checkDataDir, checkDiskSpeed, checkSpace } from "./disk.js";
import { type Check, type Finding, fault, type Patient } from "./finding.js";
import { checkClock, checkFfmpeg, checkNode, checkOpenFiles } from "./machine.js";
import { checkExposure, checkPorts } from "./network.js";
import { checkSecretFiles } from "./secret-files.js";
import { checkBucket, checkCatalogue, checkCertificate, checkPins, checkTokens } from "./stores.js";

/** Every look, with the name of what it is at. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["Node", checkNode],
  ["clock", checkClock],
  ["ffmpeg", checkFfmpeg],
  ["data directory", checkDataDir],
  ["disk space", checkSpace],
  ["disk speed", checkDiskSpeed],
  ["open files", checkOpenFiles],
  ["ports", checkPorts],
  ["network", checkExposure],
  ["tokens", checkTokens],
  ["secrets", checkSecretFiles],
  ["certificate", checkCertificate],
  ["catalogue", checkCatalogue],
  ["pins", checkPins],
  ["S3", checkBucket],
];

/** Looks at everything, one after the other, as a slow disk would make the next look slow too. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  for (const [name, check] of CHECKS) {
    try {
      yield* await check(patient);
    } catch (error) {
      yield fault(name, (error as Error).message, "change what it names, and look again");
    }
  }
}
