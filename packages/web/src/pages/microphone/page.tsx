import { useEffect } from "preact/hooks";
import { info, loadInfo } from "../../server/info.js";
import { linkTo } from "../../shell/router.js";
import { obstacleOf } from "./obstacles.js";
import "./page.css";
import { Meters } from "./meters.js";
import { recording, trouble } from "./recording.js";
import { Setup } from "./setup.js";

/** Use this browser as a microphone. */
export function Page() {
  useEffect(() => void loadInfo(), []);
  return (
    <div class="page microphone">
      <h1>Use this browser as a microphone</h1>
      <p class="faint">
        What its microphone hears is recorded by the receiver like any other device: it appears under{" "}
        <a href={linkTo("/")}>Now</a> at once. When the network breaks, audio is kept here and sent later.
      </p>
      {trouble.value === undefined ? null : (
        <p class="said bad" role="alert">
          {trouble.value}
        </p>
      )}
      <Body />
    </div>
  );
}

function Body() {
  const server = info.value;
  if (server === undefined) return <p class="faint">Asking the receiver where to send to…</p>;
  if (recording.value !== undefined) return <Meters />;
  const obstacle = obstacleOf({
    isSecureContext,
    hasMicrophones: navigator.mediaDevices !== undefined && typeof AudioWorkletNode !== "undefined",
    protocol: location.protocol,
    hostname: location.hostname,
    ingest: server.ingest,
  });
  if (obstacle === undefined) return <Setup ingest={server.ingest} />;
  return (
    <div class="said warn" role="alert">
      <p>{obstacle.what}</p>
      <ul>
        {obstacle.ways.map((way) => (
          <li key={way}>{way}</li>
        ))}
      </ul>
    </div>
  );
}
