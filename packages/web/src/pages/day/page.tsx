import { TimeZone } from "@audio/segments";
import { useMemo } from "preact/hooks";
import { Empty, Failure } from "../../parts/failure.js";
import { info, infoFailure, loadInfo } from "../../server/info.js";
import { linkTo, place } from "../../shell/router.js";
import { DayOf } from "./day.js";
import "./day.css";
import { isDate } from "./time/local-day.js";

/** A day: what every device heard, from midnight to midnight in the receiver's zone. */
export function Page() {
  const date = place.value.path.slice("/date/".length);
  const { value } = info;
  const name = value?.timezone;
  const zone = useMemo(() => (name === undefined ? undefined : new TimeZone(name)), [name]);
  if (!isDate(date)) return <NoDate date={date} />;
  if (infoFailure.value !== undefined && value === undefined)
    return (
      <div class="page">
        <h1>{date}</h1>
        <Failure error={infoFailure.value} again={() => void loadInfo()} />
      </div>
    );
  if (zone === undefined)
    return (
      <div class="page" aria-busy="true">
        <h1>{date}</h1>
        <p class="faint">The receiver is asked for its time zone…</p>
      </div>
    );
  if (value?.catalogue === false) return <NoCatalogue date={date} />;
  return <DayOf key={`${date} ${zone.name}`} date={date} zone={zone} />;
}

function NoDate({ date }: { readonly date: string }) {
  return (
    <div class="page">
      <h1>Day</h1>
      <Empty title={`${date} is in no calendar`}>
        <p>
          Choose a day in the <a href={linkTo("/calendar")}>calendar</a>.
        </p>
      </Empty>
    </div>
  );
}

function NoCatalogue({ date }: { readonly date: string }) {
  return (
    <div class="page">
      <h1>{date}</h1>
      <Empty title="This receiver keeps no catalogue">
        <p>
          Without one, nothing can be found by its time. The receiver records all the same; its log says why.
        </p>
        <p>
          <a href={linkTo("/")}>What is recorded now</a>
        </p>
      </Empty>
    </div>
  );
}
