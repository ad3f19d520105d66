import { Said } from "../../parts/failure.js";
import { Ago } from "../../parts/times.js";
import { now } from "../../server/live.js";
import { linkTo } from "../../shell/router.js";
import { REASONS } from "./queue-words.js";
import type { Row, State } from "./rows.js";
import { counts, rows } from "./view.js";

/** What is wrong, above all else. */
export function Troubles() {
  const reasons = now.value?.readiness.reasons ?? [];
  return (
    <div role="alert" class="troubles">
      {reasons.map((reason) => (
        <Said key={reason} kind="bad" title={REASONS[reason]?.title ?? `Not ready: ${reason}`}>
          {REASONS[reason] && <p>{REASONS[reason].advice}</p>}
        </Said>
      ))}
    </div>
  );
}

/** Everything in a line: how many record, and who does not, since when. */
export function Summary() {
  const { recording } = counts.value;
  return (
    <>
      <p class="summary">
        <strong>{recording === 0 ? "Nothing is recording" : `${recording} recording`}</strong>
        <Those state="not-recorded" words="not recorded" />
        <Those state="silent" words="silent" />
        <Those state="offline" words="offline" />
      </p>
      <p class="unseen" role="status">
        {Object.entries(counts.value)
          .filter(([, count]) => count > 0)
          .map(([state, count]) => `${count} ${state}`)
          .join(", ")}
      </p>
    </>
  );
}

/** As many as are named. */
const NAMED = 3;

function Those({ state, words }: { readonly state: State; readonly words: string }) {
  const those = rows.value
    .filter((row) => row.state === state)
    .sort((a, b) => (b.lastUs ?? 0) - (a.lastUs ?? 0));
  if (those.length === 0) return null;
  return (
    <span class={`summary-${state}`}>
      {` · ${those.length} ${words}: `}
      {those.slice(0, NAMED).map((row, i) => (
        <span key={row.device}>
          {i > 0 && ", "}
          <Named row={row} />
        </span>
      ))}
      {those.length > NAMED && ` and ${those.length - NAMED} more`}
    </span>
  );
}

function Named({ row: { device, name, lastUs, why, state } }: { readonly row: Row }) {
  return (
    <>
      <a href={linkTo(`/devices/${encodeURIComponent(device)}`)}>{name}</a>
      {state === "not-recorded" && why !== null && ` (${why})`}
      {state !== "not-recorded" && lastUs !== null && (
        <>
          {" ("}
          <Ago us={lastUs} />)
        </>
      )}
    </>
  );
}
