import { signal, useSignalEffect } from "@preact/signals";
import type { Detail as DetailOfLane } from "../../../detail/detail.js";
import { LONGEST_VIEW_US } from "../../../detail/tiles.js";
import type { DayModel } from "../model/day-model.js";
import type { Lane } from "./lane.js";
import { FOOT_PX, STRIP_PX } from "./painter.js";

/** Waveform and spectrogram need audio, not only levels: of so many lanes at once. */
const MOST_IN_PLACE = 4;
/** Lower than that, one sees nothing in them. */
const LOWEST_PX = 100;

/** Its code is loaded when somebody is first near enough to see it. */
const loaded = signal<typeof DetailOfLane | undefined>(undefined);

interface DetailsProps {
  readonly model: DayModel;
  readonly lanes: readonly Lane[];
  /** CSS pixels. */
  readonly laneHeight: number;
}

/** Whether lanes turn into waveforms where they are. */
function areInPlace(lanes: readonly Lane[], laneHeight: number): boolean {
  return lanes.length <= MOST_IN_PLACE && laneHeight >= LOWEST_PX;
}

function isNear({ view }: DayModel): boolean {
  const { fromUs, toUs } = view.value;
  return toUs - fromUs <= LONGEST_VIEW_US;
}

function useDetail(model: DayModel): typeof DetailOfLane | undefined {
  useSignalEffect(() => {
    if (!isNear(model) || loaded.peek() !== undefined) return;
    void import("../../../detail/detail.js").then(({ Detail }) => {
      loaded.value = Detail;
    });
  });
  return isNear(model) ? loaded.value : undefined;
}

/** Seen from near enough, lanes are waveforms and spectrograms, in their places. */
export function DetailsInPlace({ model, lanes, laneHeight }: DetailsProps) {
  const Detail = useDetail(model);
  if (Detail === undefined || !areInPlace(lanes, laneHeight)) return null;
  return (
    <>
      {lanes.map(({ device }, i) => (
        <div
          key={device}
          class="day-detail"
          style={{
            insetBlockStart: `${i * laneHeight + STRIP_PX}px`,
            blockSize: `${laneHeight - STRIP_PX - FOOT_PX - 1}px`,
          }}
        >
          <Detail device={device} {...model.view.value} together={model.heardWith(device)} />
        </div>
      ))}
    </>
  );
}

/** Where lanes are too many or too low: the one that keys act on, above them. */
export function DetailAbove({ model, lanes, laneHeight }: DetailsProps) {
  const Detail = useDetail(model);
  const lane = model.active.value;
  if (Detail === undefined || lane === undefined || areInPlace(lanes, laneHeight)) return null;
  return (
    <>
      <div class="day-detail-name">{lane.label}</div>
      <div class="day-detail-above">
        <Detail device={lane.device} {...model.view.value} together={model.heardWith(lane.device)} />
      </div>
    </>
  );
}
