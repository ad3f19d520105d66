import type { ResponseOf } from "@audio/api/client";
import { useEffect } from "preact/hooks";
import { Failure } from "../../parts/failure.js";
import { byteOf, LOUDNESS_CSS } from "../../parts/loudness.js";
import { dbfsOf, durationOf } from "../../parts/words.js";
import { lastDays, type NamedDay } from "../../parts/zoned.js";
import { serverNow, zone } from "../../server/info.js";
import { onEvent } from "../../server/live.js";
import { useServer } from "../../server/use-server.js";
import { linkTo } from "../../shell/router.js";
import { monthsOf } from "./device-words.js";

type DayOf = ResponseOf<"GET /days">[number]["days"][number];

const DAYS = 30;

/** The last 30 days: how much of each was recorded, and how loud it was; each leads to its page. */
export function Month({ device }: { readonly device: string }) {
  const days = lastDays(serverNow(), zone.value, DAYS);
  const [first, second] = monthsOf(days.map(({ date }) => date));
  const before = useServer("GET /days", { query: { device, month: first } });
  const after = useServer(
    "GET /days",
    second === undefined ? undefined : { query: { device, month: second } },
  );
  useEffect(
    () =>
      onEvent("changed", ({ what }) => {
        if (what !== "recordings") return;
        before.again();
        after.again();
      }),
    [before.again, after.again],
  );
  const known = new Map(
    [before.value, after.value].flatMap((answer) => answer?.[0]?.days ?? []).map((day) => [day.date, day]),
  );
  const error = before.error ?? after.error;
  return (
    <section aria-labelledby="month">
      <h2 id="month">The last 30 days</h2>
      {error ? (
        <Failure error={error} again={before.again} />
      ) : (
        <ol class="month">
          {days.map((named) => (
            <li key={named.date}>
              <DayBar device={device} named={named} day={known.get(named.date)} />
            </li>
          ))}
        </ol>
      )}
      <p class="small faint">
        As high as the part of the day that was recorded, in the colour of its loudest moment.
      </p>
    </section>
  );
}

interface DayBarProps {
  readonly device: string;
  readonly named: NamedDay;
  readonly day: DayOf | undefined;
}

function DayBar({ device, named: { date, weekday, number, name }, day }: DayBarProps) {
  const told = day ? toldOf(day) : "nothing recorded";
  const share = day === undefined ? 0 : Math.min(1, day.recordedUs / (day.endUs - day.startUs));
  const colour = day?.peakDbfs == null ? "var(--edge)" : LOUDNESS_CSS[byteOf(day.peakDbfs)];
  return (
    <a
      href={linkTo(`/date/${date}?${new URLSearchParams({ device })}`)}
      title={`${name}: ${told}`}
      class={`month-day${weekday === "Mon" ? " month-week" : ""}`}
    >
      <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true">
        <rect width="10" height={40 * share} y={40 - 40 * share} style={{ fill: colour }} />
      </svg>
      <small aria-hidden="true">{number}</small>
      <span class="unseen">{`${name}: ${told}`}</span>
    </a>
  );
}

function toldOf({ recordedUs, sounds, peakDbfs }: DayOf): string {
  const loudest = peakDbfs === null ? "" : `, loudest ${dbfsOf(peakDbfs)}`;
  return `${durationOf(recordedUs)} recorded${loudest}, ${sounds} sound events`;
}
