import { openCatalogue } from "@audio/archive";
import { TimeZone } from "@audio/segments";
import type { Command } from "commander";
import { valuesOf } from "../config/load.js";
import { shownDuration, shownTime } from "../shown-time.js";
import { type DeviceReport, type Statistics, statisticsOf } from "../statistics.js";
import { existingDataDir } from "./data-dir.js";
import { bytesInWords, count, table } from "./in-words.js";
import { addOptionsFor, effectiveConfig } from "./setting-options.js";

const EXAMPLES = `
"recorded" adds up streams that ran at the same time; "coverage" is how much of the time from the first to the last
recording at least one of them covers. The disk lasts as long as it says if recording goes on like in the last hour.

Examples:
  $ audio-receiver stats
  $ audio-receiver stats --data-dir /data --json | jq .disk.hoursLeft`;

const MEGABYTE = 1_000_000;

export function addStatsCommand(program: Command): void {
  const command = program
    .command("stats")
    .description("how much was recorded, of which device, and how long the disk lasts");
  addOptionsFor(command, ["dataDir", "timezone", "minFreeMb"]);
  command.option("--json", "one object, as JSON").addHelpText("after", EXAMPLES);
  command.action(async () => {
    const values = valuesOf(effectiveConfig(command));
    const zone = new TimeZone(values.timezone);
    const dataDir = existingDataDir(values);
    const catalogue = openCatalogue(dataDir, { readOnly: true });
    try {
      const minFreeBytes = values.minFreeMb * MEGABYTE;
      const nowUs = Date.now() * 1000;
      const found = await statisticsOf(catalogue, dataDir, {
        zone,
        minFreeBytes,
        nowUs,
        formatBytes: bytesInWords,
      });
      const isJson = command.opts<{ json?: boolean }>().json === true;
      process.stdout.write(isJson ? `${JSON.stringify(found, null, 2)}\n` : report(found, zone));
    } finally {
      catalogue.close();
    }
  });
}

function report(found: Statistics, zone: TimeZone): string {
  const { devices, segments, recordedUs, total_dates, total_files, total_size_formatted } = found;
  if (devices.length === 0) return `no recordings\n\n${diskReport(found)}`;
  const dates = `${count(total_dates, "date")}, ${shownDuration(recordedUs)} of audio`;
  return [
    table([DEVICE_HEADER, ...devices.map((device) => deviceRow(device, zone))]),
    gapTable(devices),
    table([FORM_HEADER, ...found.usage.map(usageRow)]),
    `${count(devices.length, "device")}, ${count(segments, "segment")} on ${dates}\n` +
      `${count(total_files, "audio file")}, ${total_size_formatted}\n${diskReport(found)}`,
  ].join("\n");
}

const DEVICE_HEADER = ["device", "first", "last", "recorded", "coverage", "peak", "rms", "clipped", "flat"];
const GAP_HEADER = ["device", "missing because", "gaps", "in all"];
const FORM_HEADER = ["form", "files", "size", "stored remotely", "size"];

function deviceRow(report: DeviceReport, zone: TimeZone): string[] {
  const { firstUs, lastUs, recordedUs, coverage, levels } = report;
  const seconds = (us: number) => shownTime(us, zone).slice(0, -".000".length);
  const loudness =
    levels === undefined
      ? ["-", "-", "-", "-"]
      : [
          `${levels.peakDbfs.toFixed(1)}`,
          `${levels.rmsDbfs.toFixed(1)} dBFS`,
          `${levels.clippedSamples}`,
          `${levels.flatSeconds} s`,
        ];
  const percent = `${(Math.floor(coverage * 10_000) / 100).toFixed(2)} %`; // what is not whole is never 100 %
  return [who(report), seconds(firstUs), seconds(lastUs), shownDuration(recordedUs), percent, ...loudness];
}

function gapTable(devices: readonly DeviceReport[]): string {
  const rows = devices.flatMap((report) =>
    report.gaps.map(({ cause, gaps, lengthUs }) => [who(report), cause, `${gaps}`, shownDuration(lengthUs)]),
  );
  return rows.length === 0 ? "no gaps\n" : table([GAP_HEADER, ...rows]);
}

function usageRow({
  form,
  localFiles,
  localBytes,
  remoteFiles,
  remoteBytes,
}: Statistics["usage"][number]): string[] {
  return [form, `${localFiles}`, bytesInWords(localBytes), `${remoteFiles}`, bytesInWords(remoteBytes)];
}

function diskReport({ disk: { bytes, freeBytes, bytesPerSecond, hoursLeft } }: Statistics): string {
  const room = `disk: ${bytesInWords(freeBytes)} of ${bytesInWords(bytes)} free`;
  if (hoursLeft === null) return `${room}; nothing was recorded in the last hour\n`;
  const rate = `${bytesInWords(Math.round(bytesPerSecond))} a second in the last hour`;
  return `${room}; lasts ${shownDuration(hoursLeft * 3_600_000_000)} at ${rate}\n`;
}

function who({ device }: DeviceReport): string {
  return device ?? "(no name)";
}
