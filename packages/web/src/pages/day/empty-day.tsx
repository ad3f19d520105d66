import { Empty } from "../../parts/failure.js";
import { dateOf, dayOf as dayName } from "../../parts/zoned.js";
import { devices } from "../../server/devices.js";
import { serverNow } from "../../server/info.js";
import { linkTo } from "../../shell/router.js";
import { addressOfDay } from "./keys.js";
import type { DayModel } from "./model/day-model.js";

/** Nothing was recorded: where there is something. */
export function EmptyDay({ model }: { readonly model: DayModel }) {
  const { fromUs, toUs } = model.day;
  const nowUs = serverNow();
  const known = devices.value ?? [];
  const ends = known.flatMap(({ lastUs }) => (lastUs !== null && lastUs <= fromUs ? [lastUs - 1] : []));
  const starts = known.flatMap(({ firstUs }) => (firstUs !== null && firstUs >= toUs ? [firstUs] : []));
  const before = ends.length > 0 ? Math.max(...ends) : undefined;
  const after = starts.length > 0 ? Math.min(...starts) : undefined;
  if (known.length === 0) return <NothingAtAll />;
  const whose = model.chosen.value.length > 0 ? " of these devices" : "";
  const title = fromUs > nowUs ? "This day has not been yet" : `Nothing${whose} was recorded`;
  return (
    <Empty title={title}>
      <p>
        {before !== undefined && <DayLink model={model} us={before} words="Last recorded before" />}
        {after !== undefined && <DayLink model={model} us={after} words="First recorded after" />}
      </p>
      {model.chosen.value.length > 0 && (
        <p>
          <button type="button" onClick={() => (model.chosen.value = [])}>
            Show all devices
          </button>
        </p>
      )}
      <p>
        The <a href={linkTo("/calendar")}>calendar</a> shows which days there are;{" "}
        <a href={linkTo("/")}>Now</a> shows what is connected.
      </p>
    </Empty>
  );
}

function DayLink({
  model,
  us,
  words,
}: {
  readonly model: DayModel;
  readonly us: number;
  readonly words: string;
}) {
  const date = dateOf(us, model.zone.name);
  return (
    <span class="day-link">
      {words}: <a href={linkTo(addressOfDay(model, date))}>{dayName(us, model.zone.name)}</a>
    </span>
  );
}

function NothingAtAll() {
  return (
    <Empty title="No device has recorded anything yet">
      <p>
        <a href={linkTo("/")}>Now</a> shows how to make a first sound appear.
      </p>
    </Empty>
  );
}
