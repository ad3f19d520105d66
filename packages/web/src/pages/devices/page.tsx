import { place } from "../../shell/router.js";
import { DevicePage } from "./device-page.js";
import { DeviceTable } from "./device-table.js";
import "./page.css";

/** Every device, or one. */
export function Page() {
  const [, , device] = place.value.path.split("/");
  if (device !== undefined) return <DevicePage key={device} device={decodeURIComponent(device)} />;
  return (
    <div class="page">
      <h1>Devices</h1>
      <DeviceTable />
    </div>
  );
}
