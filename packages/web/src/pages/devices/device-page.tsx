import { useEffect } from "preact/hooks";
import { Failure } from "../../parts/failure.js";
import { Skeleton } from "../../parts/skeleton.js";
import { StateBadge } from "../../parts/state-badge.js";
import { DateTime, Size } from "../../parts/times.js";
import { countOf } from "../../parts/words.js";
import { type Device, nameOf } from "../../server/devices.js";
import { now, onEvent } from "../../server/live.js";
import { useServer } from "../../server/use-server.js";
import { linkTo } from "../../shell/router.js";
import { CardForm } from "./card-form.js";
import { Connections } from "./connections.js";
import { formatWords, retentionWords } from "./device-words.js";
import { Gaps } from "./gaps.js";
import { LastAudio } from "./last-audio.js";
import { Marks } from "./marks.js";
import { Month } from "./month.js";

/** One device: what it is called, what there is of it, what is missing, when it was connected. */
export function DevicePage({ device }: { readonly device: string }) {
  const { state, value, error, again } = useServer("GET /devices/{device}", { params: { device } });
  useEffect(
    () =>
      onEvent("changed", ({ what }) => {
        if (what === "devices" || what === "recordings") again();
      }),
    [again],
  );
  return (
    <div class="page device-page">
      <header class="bar">
        <h1>{nameOf(device)}</h1>
        <LiveState device={device} />
        <a class="device-back" href={linkTo("/devices")}>
          All devices
        </a>
      </header>
      {error && <Failure error={error} again={again} />}
      {state !== "failed" && <Facts device={value} />}
      {state !== "failed" && (
        <>
          <Month device={device} />
          {value && <CardForm device={value} />}
          <Gaps device={device} />
          <Connections device={device} />
          <Marks device={device} />
        </>
      )}
    </div>
  );
}

function LiveState({ device }: { readonly device: string }) {
  const live = now.value?.devices.find((each) => each.device === device);
  if (live === undefined) return null;
  return (
    <span role="status">
      <StateBadge state={live.state} why={live.why} />
      {live.why !== null && <span class="faint"> {live.why}</span>}
    </span>
  );
}

function Facts({ device }: { readonly device: Device | undefined }) {
  const unknown = <Skeleton like="Tue 17 Nov 2026, 03:17" />;
  return (
    <dl class="facts">
      <Fact name="Name it gives itself">
        {device ? device.device === "~" ? "none" : <code>{device.device}</code> : unknown}
      </Fact>
      <Fact name="Format of its last segment">{device ? formatWords(device) : unknown}</Fact>
      <Fact name="First audio">
        {device ? (
          device.firstUs === null ? (
            "never"
          ) : (
            <DateTime us={device.firstUs} precision="minute" />
          )
        ) : (
          unknown
        )}
      </Fact>
      <Fact name="Last audio">{device ? <LastAudio device={device} /> : unknown}</Fact>
      <Fact name="Segments">{device ? countOf(device.segments, "segment") : unknown}</Fact>
      <Fact name="On this disk">{device ? <Size bytes={device.localBytes} /> : unknown}</Fact>
      <Fact name="In the bucket">{device ? <Size bytes={device.remoteBytes} /> : unknown}</Fact>
      <Fact name="Recordings are kept">{device ? retentionWords(device.retention) : unknown}</Fact>
      <Fact name="Token for it alone">{device ? (device.token ?? "none") : unknown}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
