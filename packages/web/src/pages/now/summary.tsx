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
  const [{ why }] = those;
  const isShared = why !== null && those.every((row) => row.why === why);
  return (
    <span class={`summary-${state}`}>
      {` · ${those.length} ${words}: `}
      {those.slice(0, NAMED).map((row, i) => (
        <span key={row.device}>
          {i > 0 && ", "}
          <Named row={row} isDated={those.length <= NAMED} />
        </span>
      ))}
      {those.length > NAMED && ` and ${those.length - NAMED} more`}
      {isShared && state === "not-recorded" && ` – ${why}`}
    </span>
  );
}

function Named({ row, isDated }: { readonly row: Row; readonly isDated: boolean }) {
  const { device, name, lastUs } = row;
  return (
    <>
      <a href={linkTo(`/devices/${encodeURIComponent(device)}`)}>{name}</a>
      {isDated && lastUs !== null && (
        <>
          {" ("}
          <Ago us={lastUs} />)
        </>
      )}
    </>
  );
}
