import { computed, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { Meter } from "../../parts/meter.js";
import { StateBadge } from "../../parts/state-badge.js";
import { Ago } from "../../parts/times.js";
import { countOf, percentOf, rateOf, signed } from "../../parts/words.js";
import { dateOf } from "../../parts/zoned.js";
import { serverNow, zone } from "../../server/info.js";
import { type LiveLevel, levelOf } from "../../server/live.js";
import { linkTo } from "../../shell/router.js";
import { ListenButton } from "./listen-button.js";
import type { Row, RowStream } from "./rows.js";
import { Sparkline } from "./sparkline.js";

/** A device as it is now. */
export function DeviceRow({ row }: { readonly row: Row }) {
  const { device, name, state, why, streams } = row;
  const level = useMemo(() => loudest(streams), [streams]);
  return (
    <li class={`device device-${state}`}>
      <span class="device-state">
        <StateBadge state={state} why={why} />
      </span>
      <span class="device-name">
        <a href={linkTo(`/devices/${encodeURIComponent(device)}`)}>{name}</a>
        {name !== device && device !== "~" && <small class="faint">{device}</small>}
        {why !== null && state !== "recording" && <small class="device-why">{why}</small>}
      </span>
      <span class="device-level">
        <Meter level={level} label={name} />
      </span>
      <Sparkline device={device} name={name} />
      <Cell label="Format" name="format">
        <Format streams={streams} />
      </Cell>
      <Figures row={row} />
      <span class="device-actions">
        {streams.map((stream) => (
          <ListenButton
            key={stream.key}
            stream={stream}
            device={device}
            name={name}
            isOnly={streams.length === 1}
          />
        ))}
        <DayLink device={device} name={name} lastUs={row.lastUs} />
      </span>
    </li>
  );
}

function Figures({ row }: { readonly row: Row }) {
  const { lossShare, lostFrames, driftPpm, lastUs, state } = row;
  return (
    <>
      <Cell
        label="Loss"
        name="loss"
        title={lossShare === null ? undefined : countOf(lostFrames, "lost frame")}
      >
        {lossShare === null ? (
          "–"
        ) : (
          <span class={lossShare >= 0.01 ? "ill" : ""}>{percentOf(lossShare, 1)}</span>
        )}
      </Cell>
      <Cell label="Drift" name="drift" title="Its clock against the receiver's, millionths">
        {driftPpm === null ? "–" : `${driftPpm > 0 ? "+" : ""}${signed(driftPpm, 0)}\u00a0ppm`}
      </Cell>
      <Cell label="Last audio" name="last">
        {state === "recording" ? "now" : lastUs === null ? "never" : <Ago us={lastUs} />}
      </Cell>
    </>
  );
}

interface CellProps {
  readonly label: string;
  readonly name: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}

function Cell({ label, name, title, children }: CellProps) {
  return (
    <span class={`device-${name}`} title={title}>
      <span class="cell-label">{label} </span>
      {children}
    </span>
  );
}

const CODECS: Readonly<Record<RowStream["codec"], string>> = {
  pcm16: "PCM",
  "ima-adpcm": "ADPCM",
  "raw-pcm": "raw PCM",
};

function Format({ streams }: { readonly streams: readonly RowStream[] }) {
  if (streams.length === 0) return <>–</>;
  const [{ codec, sampleRate, channels, peer, source }] = streams;
  const layout = channels === 1 ? "mono" : channels === 2 ? "stereo" : `${channels} ch`;
  const from = `${source}${peer === null ? "" : ` from ${peer}`}`;
  return (
    <span title={from}>
      {CODECS[codec]} {rateOf(sampleRate)} {layout}
      {streams.length > 1 && <small class="faint"> ×{streams.length}</small>}
    </span>
  );
}

/** The page of the day that it was last heard, for it alone. */
function DayLink({
  device,
  name,
  lastUs,
}: {
  readonly device: string;
  readonly name: string;
  readonly lastUs: number | null;
}) {
  const date = dateOf(lastUs ?? serverNow(), zone.value);
  const query = new URLSearchParams({ device });
  return (
    <a class="button quiet" href={linkTo(`/date/${date}?${query}`)} aria-label={`Day of ${name}`}>
      Day
    </a>
  );
}

/** Of several streams, the one that is heard most. */
function loudest(streams: readonly RowStream[]): ReadonlySignal<LiveLevel | undefined> {
  const levels = streams.map(({ key }) => levelOf(key));
  if (levels.length === 1) return levels[0];
  return computed(() =>
    levels
      .map(({ value }) => value)
      .reduce(
        (most, level) => (level && level.rmsDbfs > (most?.rmsDbfs ?? -Infinity) ? level : most),
        undefined,
      ),
  );
}
