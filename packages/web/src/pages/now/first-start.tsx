import { Copy } from "../../parts/copy.js";
import { Said } from "../../parts/failure.js";
import { info } from "../../server/info.js";
import { linkTo } from "../../shell/router.js";
import { firstCommands } from "./first-commands.js";

/** Nothing was ever recorded: how to make a sound appear. */
export function FirstStart() {
  const ingest = info.value?.ingest;
  if (ingest === undefined) return null;
  const { stream, raw, address } = firstCommands(ingest, location.hostname);
  return (
    <section class="first" aria-labelledby="first">
      <h2 id="first">Nothing has been recorded yet</h2>
      <p>Any of these makes a sound appear here within a second.</p>
      <ol>
        {stream && (
          <li>
            <h3>Send a recording, from a computer with this software</h3>
            <Copy label="command that sends a recording" text={stream} />
          </li>
        )}
        {raw && (
          <li>
            <h3>Or from any shell: 16-bit samples, 16 kHz, mono, nothing else</h3>
            <Copy label="command that sends raw samples" text={raw} />
          </li>
        )}
        <li>
          <h3>Or use what is in front of you</h3>
          <p>
            <a class="button primary" href={linkTo("/microphone")}>
              Use this browser as a microphone
            </a>
          </p>
        </li>
        {address && (
          <li>
            <h3>Point an ESP32 here</h3>
            <p>
              <code>examples/esp32</code> has the code, for Arduino and ESP-IDF. Its address, with a name of
              your choice at the end:
            </p>
            <Copy label="address for a device" text={address} />
          </li>
        )}
      </ol>
      {!stream && !raw && (
        <Said kind="warn" title="No port is open for microphones">
          <p>Start the receiver without --no-ws or --no-tcp.</p>
        </Said>
      )}
      {ingest.needsToken && (
        <p class="faint">
          This receiver asks for a token: <code>TOKEN</code> stands for it. Who runs the receiver has it.
        </p>
      )}
    </section>
  );
}

/** The first recording has begun, and nothing is complete. */
export function FirstMinute() {
  return (
    <p class="first-minute">
      <strong>The first recording has begun.</strong> It can be heard already: press Listen. What is recorded
      appears under Today, while it grows.
    </p>
  );
}
