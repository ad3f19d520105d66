import { useSignal } from "@preact/signals";
import { Empty, Failure } from "../../parts/failure.js";
import { Skeleton } from "../../parts/skeleton.js";
import { StateBadge } from "../../parts/state-badge.js";
import { Day, Size } from "../../parts/times.js";
import { countOf } from "../../parts/words.js";
import { type Device, devices, devicesFailure, loadDevices, nameOf } from "../../server/devices.js";
import { now } from "../../server/live.js";
import { linkTo } from "../../shell/router.js";
import { findDevices, formatWords, retentionWords } from "./device-words.js";
import { LastAudio } from "./last-audio.js";

/** Every device that is known. */
export function DeviceTable() {
  const text = useSignal("");
  const known = devices.value;
  if (known === undefined && devicesFailure.value !== undefined)
    return <Failure error={devicesFailure.value} again={() => void loadDevices()} />;
  if (known?.length === 0)
    return (
      <Empty title="No device has sent anything yet">
        <p>
          <a href={linkTo("/")}>The first page</a> tells how to make a sound appear.
        </p>
      </Empty>
    );
  const shown = findDevices(known ?? [], text.value);
  return (
    <>
      <p class="bar">
        <input
          type="search"
          aria-label="Find devices by name or group"
          placeholder={`Find among ${known?.length ?? "…"}`}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <span class="faint" role="status">
          {known !== undefined && countOf(shown.length, "device")}
        </span>
      </p>
      <table class="device-table" aria-busy={known === undefined}>
        <Head />
        <tbody>
          {known === undefined ? (
            <Waiting />
          ) : (
            shown.map((device) => <Line key={device.device} device={device} />)
          )}
        </tbody>
      </table>
    </>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">Device</th>
        <th scope="col">Group</th>
        <th scope="col">State</th>
        <th scope="col">Format</th>
        <th scope="col">First</th>
        <th scope="col">Last</th>
        <th scope="col" class="number">
          Here
        </th>
        <th scope="col" class="number">
          In the bucket
        </th>
        <th scope="col">Kept</th>
        <th scope="col">Token</th>
      </tr>
    </thead>
  );
}

function Line({ device }: { readonly device: Device }) {
  const { device: id, group, firstUs, localBytes, remoteBytes, token } = device;
  const live = now.value?.devices.find((each) => each.device === id);
  const name = nameOf(id);
  return (
    <tr>
      <th scope="row" data-label="Device">
        <a href={linkTo(`/devices/${encodeURIComponent(id)}`)}>{name}</a>
        {name !== id && id !== "~" && <small class="faint"> {id}</small>}
      </th>
      <td data-label="Group">{group || "–"}</td>
      <td data-label="State">{live ? <StateBadge state={live.state} why={live.why} /> : "–"}</td>
      <td data-label="Format">{formatWords(device)}</td>
      <td data-label="First">{firstUs === null ? "–" : <Day us={firstUs} />}</td>
      <td data-label="Last">
        <LastAudio device={device} />
      </td>
      <td data-label="Here" class="number">
        <Size bytes={localBytes} />
      </td>
      <td data-label="In the bucket" class="number">
        {remoteBytes === 0 ? "–" : <Size bytes={remoteBytes} />}
      </td>
      <td data-label="Kept">{retentionWords(device.retention)}</td>
      <td data-label="Token">{token ?? "–"}</td>
    </tr>
  );
}

const PLACES = ["a", "b", "c", "d", "e"];

function Waiting() {
  return (
    <>
      {PLACES.map((place) => (
        <tr key={place}>
          <td>
            <Skeleton like="some microphone" />
          </td>
          <td colSpan={9}>
            <Skeleton like="what is known of it" />
          </td>
        </tr>
      ))}
    </>
  );
}
