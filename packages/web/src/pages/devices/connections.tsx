import type { ResponseOf } from "@audio/api/client";
import { Failure } from "../../parts/failure.js";
import { Skeleton } from "../../parts/skeleton.js";
import { DateTime, Duration, Time } from "../../parts/times.js";
import { exactOf } from "../../parts/zoned.js";
import { serverNow, zone } from "../../server/info.js";
import { now } from "../../server/live.js";
import { useServer } from "../../server/use-server.js";
import { openOf, pieceOf } from "./device-words.js";

type Connection = ResponseOf<"GET /devices/{device}/connections">[number];

/** As many as are asked for, and as are listed. */
const ASKED = 200;
const LISTED = 20;
const WEEK_US = 7 * 24 * 3600 * 1_000_000;

/** When it was connected, latest first. */
export function Connections({ device }: { readonly device: string }) {
  const { state, value, error, again } = useServer("GET /devices/{device}/connections", {
    params: { device },
    query: { limit: ASKED },
  });
  const streams = now.value?.devices.find((each) => each.device === device)?.streams ?? [];
  const open = openOf(value ?? [], streams);
  return (
    <section aria-labelledby="connections">
      <h2 id="connections">Connections</h2>
      {state === "loading" && <Skeleton like="when it was connected" />}
      {error && <Failure error={error} again={again} />}
      {value?.length === 0 && <p>No connection is known.</p>}
      {value !== undefined && value.length > 0 && (
        <>
          <Week connections={value} open={open} />
          <ConnectionTable connections={value.slice(0, LISTED)} open={open} />
        </>
      )}
    </section>
  );
}

interface ConnectionsProps {
  readonly connections: readonly Connection[];
  /** Those of them that last. */
  readonly open: ReadonlySet<Connection>;
}

/** The last seven days as one line. An end that nobody saw is not made up: such a connection is a stroke. */
function Week({ connections, open }: ConnectionsProps) {
  const toUs = serverNow();
  const fromUs = toUs - WEEK_US;
  return (
    <figure class="week" aria-label="When it was connected in the last 7 days: the table below has the times">
      <svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
        {connections.map((connection) => {
          const { openedUs, closedUs, streamId } = connection;
          const endUs = closedUs ?? (open.has(connection) ? toUs : openedUs + 1);
          const piece = pieceOf(openedUs, endUs, fromUs, toUs);
          if (piece === undefined) return null;
          const { from, to } = piece;
          return (
            <rect
              key={`${openedUs} ${streamId}`}
              x={from * 1000}
              width={Math.max(1, (to - from) * 1000)}
              height="12"
            >
              <title>{`${exactOf(openedUs, zone.value, "second")} – ${exactOf(endUs, zone.value, "second")}`}</title>
            </rect>
          );
        })}
      </svg>
      <span>7 days ago</span>
      <span>now</span>
    </figure>
  );
}

function ConnectionTable({ connections, open }: ConnectionsProps) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              For
            </th>
            <th scope="col">Ended by</th>
            <th scope="col" class="number">
              Lost frames
            </th>
            <th scope="col">Way</th>
            <th scope="col">Address</th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <ConnectionLine
              key={`${connection.openedUs} ${connection.streamId}`}
              connection={connection}
              isOpen={open.has(connection)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ConnectionLineProps {
  readonly connection: Connection;
  readonly isOpen: boolean;
}

function ConnectionLine({ connection, isOpen }: ConnectionLineProps) {
  const { openedUs, closedUs, cause, detail, lostFrames, source, codec, peer, streamId } = connection;
  return (
    <tr>
      <td>
        <DateTime us={openedUs} />
      </td>
      <td>{closedUs === null ? "–" : <Time us={closedUs} />}</td>
      <td class="number">{closedUs === null ? "–" : <Duration us={closedUs - openedUs} />}</td>
      <td title={detail}>
        {isOpen ? "connected" : (cause ?? "nobody saw its end")}
        {detail !== "" && <small class="faint"> {detail}</small>}
      </td>
      <td class="number">{lostFrames ?? "–"}</td>
      <td>
        {source}, {codec}, stream {streamId}
      </td>
      <td>{peer ?? "–"}</td>
    </tr>
  );
}
