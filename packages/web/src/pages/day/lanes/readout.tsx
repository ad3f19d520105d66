import { exactOf } from "../../../parts/zoned.js";
import type { DayModel } from "../model/day-model.js";
import { linesAt, precisionOf } from "../model/describe.js";
import { xOf } from "../time/view.js";
import { isNarrow } from "./narrow.js";

/** What is under the pointer, or at the playhead after a key: the exact time and level, gaps with their causes, marks. */
export function Readout({ model }: { readonly model: DayModel }) {
  const { value: pointed } = model.pointed;
  if (pointed === undefined) return null;
  const { value: view } = model.view;
  const zone = model.zone.name;
  const lanes = isNarrow.value ? [model.active.value] : model.lanes.value;
  const row = lanes.findIndex((lane) => lane?.device === pointed.device);
  const share = xOf(view, 1, pointed.us);
  if (row < 0 || share < 0 || share > 1) return null;
  const lane = lanes[row];
  const lines = linesAt(pointed, zone);
  return (
    <div
      class={`day-readout ${share > 0.5 ? "day-readout-left" : ""} ${row === 0 ? "day-readout-below" : ""}`}
      aria-hidden="true"
      style={{
        insetInlineStart: `${share * 100}%`,
        insetBlockStart: `${((row + (row === 0 ? 1 : 0)) / lanes.length) * 100}%`,
      }}
    >
      <strong>{exactOf(pointed.us, zone, precisionOf(view))}</strong>
      {lanes.length > 1 && <span>{lane?.label}</span>}
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}
