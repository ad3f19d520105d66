import { sizeOf } from "../../../parts/words.js";
import { server } from "../../../server/client.js";
import { info } from "../../../server/info.js";
import { useServer } from "../../../server/use-server.js";
import type { Selection } from "../time/address.js";
import { useSettled } from "./use-settled.js";

const FORMATS = ["wav", "flac", "opus"] as const;
type Format = (typeof FORMATS)[number];
const WAV_HEADER_BYTES = 44;

/** Files of what is selected; why there is none, where there is none. */
export function Downloads({ selection }: { readonly selection: Selection }) {
  const { device, fromUs, toUs } = useSettled(selection);
  const range = { device, from: String(fromUs), to: String(toUs) };
  const plan = useServer("GET /audio/plan", { query: range });
  const { value, error, state } = plan;
  const wavBytes =
    value && WAV_HEADER_BYTES + value.samples * value.channels * Math.ceil(value.bitsPerSample / 8);
  return (
    <span class="selection-files">
      <span class="day-joined">
        {FORMATS.map((format) => (
          <Download
            key={format}
            format={format}
            address={server.address("GET /audio", { query: { ...range, format, download: "1" } })}
            why={state === "failed" ? error?.message : whyNot(format)}
            about={format === "wav" && wavBytes !== undefined ? sizeOf(wavBytes) : undefined}
          />
        ))}
      </span>
      {value !== undefined && value.remoteSegments > 0 && (
        <span class="faint">
          {value.remoteSegments} segments are only in the bucket: they are fetched first.
        </span>
      )}
      {state === "failed" && <span class="faint">{error?.message}</span>}
    </span>
  );
}

function whyNot(format: Format): string | undefined {
  if (format === "wav" || info.value?.encoders.includes(format)) return undefined;
  return `The receiver has no ffmpeg that encodes ${format}.`;
}

interface DownloadProps {
  readonly format: Format;
  readonly address: string;
  readonly why: string | undefined;
  readonly about: string | undefined;
}

function Download({ format, address, why, about }: DownloadProps) {
  if (why !== undefined)
    return (
      <button type="button" disabled title={why}>
        {format}
        <span class="unseen">: {why}</span>
      </button>
    );
  return (
    <a
      class="button"
      href={address}
      download
      title={`Download as ${format}${about === undefined ? "" : `, ${about}`}`}
    >
      {format} {about !== undefined && <small class="faint">{about}</small>}
    </a>
  );
}
