import { Ago, Time } from "../parts/times.js";
import { type Connection, connection, heardUs } from "../server/live.js";

const WORDS: Readonly<Record<Connection["state"], string>> = {
  connecting: "connecting",
  live: "live",
  lost: "no connection",
};

/** Whether what is shown is what is. */
export function ConnectionState() {
  const { state } = connection.value;
  return (
    <span class={`connection connection-${state}`} role="status">
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        {state === "lost" ? (
          <path d="M1 0 5 4 9 0l1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4-4-4Z" />
        ) : (
          <circle cx="5" cy="5" r="4" />
        )}
      </svg>
      {WORDS[state]}
    </span>
  );
}

/** Says, above every page, that the receiver is not heard and how old the picture is. */
export function ConnectionNotice() {
  const { value } = connection;
  if (value.state !== "lost") return null;
  const before = heardUs.value;
  return (
    <div class="notice" role="alert">
      <strong>The receiver does not answer.</strong>{" "}
      {before === undefined ? (
        <span>Is it running, and this computer on its network?</span>
      ) : (
        <span>
          What you see is of <Time us={before} /> (<Ago us={before} />
          ); recording does not depend on this page.
        </span>
      )}{" "}
      <span class="faint">It is tried again by itself.</span>
    </div>
  );
}
