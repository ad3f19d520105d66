import type { Timeline } from "@audio/api";
import type { TimeZone } from "@audio/segments";
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Failure, Said } from "../../parts/failure.js";
import { clockOf, dayOf as dayName } from "../../parts/zoned.js";
import { devicesFailure, loadDevices } from "../../server/devices.js";
import { serverNow } from "../../server/info.js";
import { place } from "../../shell/router.js";
import { EmptyDay } from "./empty-day.js";
import { actionOf } from "./keys.js";
import { KeysDialog } from "./keys-dialog.js";
import { type LaneHandle, Lanes } from "./lanes/lanes.js";
import { DayLevels } from "./levels/day-levels.js";
import { pointsOf } from "./levels/tiles.js";
import { MarksKey } from "./marks-key.js";
import { DayModel } from "./model/day-model.js";
import { linesAt } from "./model/describe.js";
import { point } from "./model/moves.js";
import { useLanes } from "./model/use-lanes.js";
import { SelectionBar } from "./selection/selection-bar.js";
import { TextAlternative } from "./text-alternative.js";
import { readAddress } from "./time/address.js";
import { Toolbar } from "./toolbar.js";
import { useAddress } from "./use-address.js";

interface DayProps {
  readonly date: string;
  readonly zone: TimeZone;
}

const RESIZED_MS = 250;

/** Points of a tile for the width of the page; changes when the width has come to rest. */
function usePoints(root: { readonly current: HTMLElement | null }): number {
  const [points, setPoints] = useState(() => pointsOf(innerWidth * devicePixelRatio));
  useLayoutEffect(() => {
    const measure = () => {
      const field = root.current?.querySelector(".day-field");
      if (field) setPoints(pointsOf(field.clientWidth * devicePixelRatio));
    };
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(measure, RESIZED_MS);
    };
    measure();
    addEventListener("resize", later);
    return () => {
      clearTimeout(timer);
      removeEventListener("resize", later);
    };
  }, [root]);
  return points;
}

/** One day in one zone. */
export function DayOf({ date, zone }: DayProps) {
  const root = useRef<HTMLDivElement>(null);
  const handle = useRef<LaneHandle>(undefined);
  const model = useMemo(
    () => new DayModel(zone, date, readAddress(zone, date, place.peek().query)),
    [date, zone],
  );
  const points = usePoints(root);
  const levels = useMemo(
    () => new DayLevels(model.day, points, () => handle.current?.draw()),
    [model, points],
  );
  useEffect(() => () => levels.stop(), [levels]);
  useAddress(model);
  const { timeline, shown } = useLanes(model, levels);
  const isKeysShown = useSignal(false);
  useKeys(model, levels, root, () => {
    isKeysShown.value = true;
  });
  const isEmpty =
    shown?.length === 0 || (timeline.value && isWithoutAudio(timeline.value) && !model.holds(serverNow()));
  return (
    <div class="day" ref={root}>
      <h1 class="day-title">{dayName((model.day.fromUs + model.day.toUs) / 2, zone.name)}</h1>
      <div class="day-head">
        <Toolbar model={model} showKeys={() => (isKeysShown.value = true)} />
      </div>
      {timeline.error && <Failure error={timeline.error} again={timeline.again} />}
      {shown === undefined && devicesFailure.value && (
        <Failure error={devicesFailure.value} again={() => void loadDevices()} />
      )}
      <LevelsFailure levels={levels} />
      {isEmpty ? (
        <EmptyDay model={model} />
      ) : (
        <>
          <Lanes model={model} levels={levels} handle={handle} isLoading={timeline.state === "loading"} />
          <MarksKey />
        </>
      )}
      <SelectionBar model={model} />
      <TextAlternative model={model} />
      <p class="unseen" role="status">
        {model.said}
      </p>
      {isKeysShown.value && <KeysDialog onClose={() => (isKeysShown.value = false)} />}
    </div>
  );
}

function isWithoutAudio({ devices }: Timeline): boolean {
  return devices.every(({ stretches, gaps }) => stretches.length + gaps.length === 0);
}

function LevelsFailure({ levels }: { readonly levels: DayLevels }) {
  const { value } = levels.failure;
  if (value === undefined) return null;
  return (
    <Said kind="warn" title="Loudness is not shown as it could be">
      <p>{value.message}</p>
      <p>
        <button type="button" onClick={levels.again}>
          Try again
        </button>
      </p>
    </Said>
  );
}

/** Shows what is at the playhead. @returns it in words */
function pointAtPlayhead(model: DayModel, levels: DayLevels): string {
  const lane = model.active.peek();
  const us = model.position.peek();
  if (lane === undefined || us === undefined) return "";
  point(model, levels, lane, us, 0);
  const { value } = model.pointed;
  const zone = model.zone.name;
  return value === undefined ? "" : `${clockOf(us, zone)} ${lane.label}: ${linesAt(value, zone).join("; ")}`;
}

function useKeys(
  model: DayModel,
  levels: DayLevels,
  root: { readonly current: HTMLElement | null },
  showKeys: () => void,
): void {
  useEffect(() => {
    const focus = (selector: string) => root.current?.querySelector<HTMLInputElement>(selector)?.focus();
    const press = (event: KeyboardEvent) => {
      const action = actionOf(event, root.current?.querySelector(".day-field") ?? null);
      if (action === undefined) return;
      event.preventDefault();
      const place = { showKeys, askDate: () => focus(".day-date"), askTime: () => focus(".day-time") };
      model.said.value = action.run(model, place) ?? pointAtPlayhead(model, levels);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [model, levels]);
}
