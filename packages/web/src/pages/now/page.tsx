import { useEffect } from "preact/hooks";
import { Failure } from "../../parts/failure.js";
import { devicesFailure, loadDevices } from "../../server/devices.js";
import { info, infoFailure, loadInfo } from "../../server/info.js";
import { connection, now, onEvent } from "../../server/live.js";
import { DeviceList } from "./device-list.js";
import { FirstMinute, FirstStart } from "./first-start.js";
import { followHours } from "./hours.js";
import { Machine } from "./machine.js";
import "./page.css";
import { Summary, Troubles } from "./summary.js";
import { Toolbar } from "./toolbar.js";
import { isFirstMinute, isFirstStart, rows } from "./view.js";

/** Everything as it is now. */
export function Page() {
  useEffect(followHours, []);
  useEffect(followFirst, []);
  return (
    <div class={`page now${connection.value.state === "lost" ? " now-old" : ""}`}>
      <h1 class="unseen">Now</h1>
      <Problem />
      {isFirstStart.value ? <FirstStart /> : <Everything />}
    </div>
  );
}

function Everything() {
  return (
    <>
      <div class="now-top">
        <Troubles />
        {now.value === undefined ? <p class="summary faint">Waiting for the receiver…</p> : <Summary />}
        {isFirstMinute.value && <FirstMinute />}
      </div>
      <Machine />
      {(now.value === undefined || rows.value.length > 1) && <Toolbar />}
      <DeviceList />
    </>
  );
}

function Problem() {
  if (connection.value.state === "lost") return null; // what stands above says so
  if (infoFailure.value !== undefined && info.value === undefined)
    return <Failure error={infoFailure.value} again={() => void loadInfo()} />;
  if (devicesFailure.value !== undefined)
    return <Failure error={devicesFailure.value} again={() => void loadDevices()} />;
  return null;
}

/** The first segment makes what was written about the first minute wrong. */
function followFirst(): () => void {
  return onEvent("segment", () => {
    if (isFirstMinute.peek()) void loadDevices();
  });
}
