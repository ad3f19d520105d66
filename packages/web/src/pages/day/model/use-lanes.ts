import { type ReadonlySignal, useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { devices, nameOf } from "../../../server/devices.js";
import { serverNow } from "../../../server/info.js";
import { now, onEvent } from "../../../server/live.js";
import { useServer } from "../../../server/use-server.js";
import { extended, grown, type Lane } from "../lanes/lane.js";
import type { DayLevels } from "../levels/day-levels.js";
import type { Span } from "../time/view.js";
import type { DayModel } from "./day-model.js";
import { devicesOf } from "./shown.js";
import { useRefresh } from "./use-refresh.js";

/** By the key of each stream that is connected, its device. */
type Live = ReadonlySignal<ReadonlyMap<number, string>>;

function useLiveDevices(): Live {
  return useComputed(
    () =>
      new Map(now.value?.devices.flatMap(({ streams }) => streams.map(({ key, device }) => [key, device]))),
  );
}

/** Names of the devices that are shown; the same array until they are others. */
function useShown(model: DayModel, live: Live): readonly string[] | undefined {
  const names = useComputed(() => {
    const { value: chosen } = model.chosen;
    const connected = new Set(model.holds(serverNow()) ? live.value.values() : []);
    return (chosen.length > 0 ? chosen : devicesOf(model.day, connected))?.join(" ");
  });
  const text = names.value; // names have no spaces
  return useMemo(
    () => (text === undefined ? undefined : text.split(" ").filter((name) => name !== "")),
    [text],
  );
}

/** What was recorded, what is missing, what was heard and what people wrote, of all lanes of a day; kept up to date. */
export function useLanes(model: DayModel, levels: DayLevels) {
  const live = useLiveDevices();
  const shown = useShown(model, live);
  const range = { from: String(model.day.fromUs), to: String(model.day.toUs) };
  const isAny = shown !== undefined && shown.length > 0;
  const timeline = useServer(
    "GET /timeline",
    isAny ? { query: { device: [...shown], ...range } } : undefined,
  );
  const pins = useServer("GET /pins", { query: range });
  const notes = useServer("GET /notes", { query: range });
  const known = devices.value;
  const lanes = useMemo(
    () => lanesOf(shown ?? [], levels, timeline.value, pins.value ?? [], notes.value ?? []),
    [timeline.value, pins.value, notes.value, shown, levels, known],
  );
  useLiveGrowth(model, levels, live, lanes);
  useSignalEffect(() => levels.show(model.view.value, model.lanes.value.map(deviceOfLane)));
  useRefresh(model, levels, { timeline: timeline.again, pins: pins.again, notes: notes.again });
  return { timeline, shown };
}

const deviceOfLane = ({ device }: Lane) => device;

interface Marked {
  readonly device: string;
  readonly fromUs: number;
}

function lanesOf(
  shown: readonly string[],
  levels: DayLevels,
  timeline: { readonly devices: readonly Omit<Lane, "label" | "index" | "pins" | "notes">[] } | undefined,
  pins: Lane["pins"],
  notes: Lane["notes"],
): readonly Lane[] {
  const known = new Map(timeline?.devices.map((each) => [each.device, each]));
  const own = <Mark extends Marked>(device: string, marks: readonly Mark[]) =>
    marks.filter((mark) => mark.device === device).sort((a, b) => a.fromUs - b.fromUs);
  return shown.map((device) => ({
    ...(known.get(device) ?? { stretches: [], gaps: [], sounds: [] }),
    device,
    label: nameOf(device),
    index: levels.numberOf(device),
    pins: own(device, pins),
    notes: own(device, notes),
  }));
}

/** Lets lanes grow by what is heard. */
function useLiveGrowth(model: DayModel, levels: DayLevels, live: Live, lanes: readonly Lane[]): void {
  const heard = useRef(new Map<string, readonly Span[]>());
  useEffect(() => {
    const show = () => {
      const connected = new Set(live.peek().values());
      model.lanes.value = lanes.map((lane) => {
        const pieces = connected.has(lane.device) ? heard.current.get(lane.device) : undefined;
        return pieces === undefined ? lane : { ...lane, stretches: extended(lane.stretches, pieces) };
      });
    };
    show();
    return onEvent("levels", ({ rows }) => {
      if (!model.holds(serverNow())) return;
      for (const [key, peakDbfs, rmsDbfs, endUs] of rows) {
        const device = live.peek().get(key);
        if (device === undefined || !model.holds(endUs) || !lanes.some((lane) => lane.device === device))
          continue;
        levels.hear(device, { peakDbfs, rmsDbfs, endUs });
        heard.current.set(device, grown(heard.current.get(device) ?? [], endUs));
      }
      show();
    });
  }, [model, levels, live, lanes]);
}
