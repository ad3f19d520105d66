import { useEffect } from "preact/hooks";
import { Failure } from "../../parts/failure.js";
import { Skeleton } from "../../parts/skeleton.js";
import { DateTime, Duration } from "../../parts/times.js";
import { momentPath } from "../../parts/zoned.js";
import { zone } from "../../server/info.js";
import { onEvent } from "../../server/live.js";
import { useServer } from "../../server/use-server.js";
import { linkTo } from "../../shell/router.js";

/** What people noted and pinned, with the way to the moment. */
export function Marks({ device }: { readonly device: string }) {
  const pins = useServer("GET /pins", { query: { device } });
  const notes = useServer("GET /notes", { query: { device } });
  useEffect(
    () =>
      onEvent("changed", ({ what }) => {
        if (what === "pins") pins.again();
        if (what === "notes") notes.again();
      }),
    [pins.again, notes.again],
  );
  const error = pins.error ?? notes.error;
  const marks = [
    ...(pins.value ?? []).map(({ id, fromUs, toUs, note }) => ({
      id,
      fromUs,
      toUs,
      text: note ?? "",
      by: "pinned",
    })),
    ...(notes.value ?? []).map(({ id, fromUs, toUs, text, author }) => ({
      id,
      fromUs,
      toUs,
      text,
      by: author,
    })),
  ].sort((a, b) => b.fromUs - a.fromUs);
  const isLoading = pins.state === "loading" || notes.state === "loading";
  return (
    <section aria-labelledby="marks">
      <h2 id="marks">Notes and pins</h2>
      {error && <Failure error={error} />}
      {isLoading && error === undefined && <Skeleton like="what somebody heard" />}
      {!isLoading && marks.length === 0 && error === undefined && (
        <p>None yet. Select a stretch on a day's page to note or pin it.</p>
      )}
      <ul class="marks">
        {marks.map(({ id, fromUs, toUs, text, by }) => (
          <li key={`${by} ${id}`}>
            <a href={linkTo(momentPath(fromUs, zone.value, [device]))}>
              <DateTime us={fromUs} />
            </a>{" "}
            <span class="faint">
              <Duration us={toUs - fromUs} />, {by}
            </span>
            {text !== "" && <p>{text}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
