import { resolve } from "node:path";
import { dataDirHolder } from "@audio/archive";
import type { Command } from "commander";
import { valuesOf } from "../config/load.js";
import { receiverSettings } from "../config/receiver-settings.js";
import { examine } from "../doctor/examine.js";
import type { Finding, Patient } from "../doctor/finding.js";
import { count } from "./in-words.js";
import { addSettingOptions, effectiveConfig, settingFiles } from "./setting-options.js";

const EXAMPLES = `
Takes the settings that serve would take, and looks whether it could work with them: Node, clock, ffmpeg, disk, ports,
network, tokens, certificate, catalogue, S3. Changes nothing. Exit code 1 when something does not work.

Examples:
  $ audio-receiver doctor
  $ audio-receiver doctor --data-dir /data --config /etc/audio-receiver.yaml
  $ audio-receiver doctor --json | jq '.[] | select(.verdict != "ok")'`;

export function addDoctorCommand(program: Command): void {
  const command = program.command("doctor").description("looks whether everything is there that serve needs");
  addSettingOptions(command);
  command.option("--json", "every finding, as JSON").addHelpText("after", EXAMPLES);
  command.action(async () => {
    const values = valuesOf(effectiveConfig(command));
    const dataDir = resolve(values.dataDir);
    const settings = receiverSettings(values);
    const isRunning = (await dataDirHolder(dataDir)) !== undefined;
    const patient = { values, settings, dataDir, settingFiles: settingFiles(command), isRunning };
    const isJson = command.opts<{ json?: boolean }>().json === true;
    const findings = await shown(patient, isJson);
    process.exitCode = findings.some(({ verdict }) => verdict === "fault") ? 1 : 0;
  });
}

async function shown(patient: Patient, isJson: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examine(patient)) {
    findings.push(finding);
    if (!isJson) process.stdout.write(inWords(finding));
  }
  process.stdout.write(isJson ? `${JSON.stringify(findings, null, 2)}\n` : `\n${totals(findings)}\n`);
  return findings;
}

const SIGNS = { ok: "✓ ok     ", warning: "! warning", fault: "✗ fault  " } as const;

function inWords({ check, verdict, found, advice }: Finding): string {
  const line = `${SIGNS[verdict]}  ${check.padEnd(15)} ${found}\n`;
  return advice === undefined ? line : `${line}${" ".repeat(11)}→ ${advice}\n`;
}

function totals(findings: readonly Finding[]): string {
  const many = (verdict: Finding["verdict"]) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return `${many("ok")} ok, ${count(many("warning"), "warning")}, ${count(many("fault"), "fault")}`;
}
