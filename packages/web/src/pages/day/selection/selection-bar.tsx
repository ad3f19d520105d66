import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { durationOf } from "../../../parts/words.js";
import { clockOf } from "../../../parts/zoned.js";
import { playRange } from "../../../player/player.js";
import { nameOf } from "../../../server/devices.js";
import { mayChange } from "../../../server/info.js";
import type { DayModel } from "../model/day-model.js";
import type { Selection } from "../time/address.js";
import { CopyLink } from "./copy-link.js";
import { DeleteDialog } from "./delete-dialog.js";
import { Downloads } from "./downloads.js";
import { MarkDialog } from "./mark-dialog.js";
import { Marks } from "./marks.js";
import "./selection.css";

/** How long it stays to be read what has been done. */
const TOLD_MS = 10_000;

/** What can be done with what is selected, and what has come of it; it stays in sight. */
export function SelectionBar({ model }: { readonly model: DayModel }) {
  const root = useRef<HTMLDivElement>(null);
  const told = useSignal("");
  const { value: selection } = model.selection;
  useAbovePlayer(root);
  useEffect(() => {
    const timer = setTimeout(() => (told.value = ""), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told.value]);
  return (
    <div class="selection-dock" ref={root}>
      <p class="selection-told" role="status">
        {told}
      </p>
      {selection !== undefined && (
        <Bar
          key={selection.device}
          model={model}
          selection={selection}
          tell={(text) => (told.value = text)}
        />
      )}
    </div>
  );
}

interface BarProps {
  readonly model: DayModel;
  readonly selection: Selection;
  readonly tell: (text: string) => void;
}

type Asked = "pin" | "note" | "delete";

function Bar({ model, selection, tell }: BarProps) {
  const asked = useSignal<Asked | undefined>(undefined);
  const done = (text?: string) => {
    asked.value = undefined;
    if (text !== undefined) tell(text);
  };
  const deleted = (text?: string) => {
    done(text);
    if (text !== undefined) model.selection.value = undefined; // there is nothing left to be heard of it
  };
  return (
    <section class="selection" aria-label="Selection">
      <Range selection={selection} zone={model.zone.name} />
      <div class="selection-actions">
        <Hear model={model} selection={selection} />
        <Downloads selection={selection} />
        {mayChange.value && (
          <span class="day-joined">
            <button type="button" onClick={() => (asked.value = "pin")}>
              Pin…
            </button>
            <button type="button" onClick={() => (asked.value = "note")}>
              Note…
            </button>
            <button type="button" class="danger" onClick={() => (asked.value = "delete")}>
              Delete…
            </button>
          </span>
        )}
        <CopyLink model={model} tell={tell} />
        <button
          type="button"
          class="quiet"
          title="Escape"
          onClick={() => (model.selection.value = undefined)}
        >
          Clear
        </button>
      </div>
      <Marks model={model} selection={selection} tell={tell} />
      {asked.value === "delete" && (
        <DeleteDialog selection={selection} zone={model.zone.name} done={deleted} />
      )}
      {(asked.value === "pin" || asked.value === "note") && (
        <MarkDialog kind={asked.value} selection={selection} zone={model.zone.name} done={done} />
      )}
    </section>
  );
}

function Range({ selection, zone }: { readonly selection: Selection; readonly zone: string }) {
  const { device, fromUs, toUs } = selection;
  return (
    <p class="selection-range">
      <strong>{nameOf(device)}</strong>{" "}
      <span>
        {clockOf(fromUs, zone, "millisecond")}–{clockOf(toUs, zone, "millisecond")}
      </span>{" "}
      <span class="faint">{durationOf(toUs - fromUs)}</span>
    </p>
  );
}

function Hear({ model, selection }: { readonly model: DayModel; readonly selection: Selection }) {
  const loop = useSignal(false);
  const play = (isLoop: boolean) => {
    model.marker.value = undefined;
    playRange(selection.device, selection.fromUs, selection.toUs, { loop: isLoop });
  };
  return (
    <span class="day-joined">
      <button type="button" class="primary" onClick={() => play(loop.value)}>
        Hear it
      </button>
      <button
        type="button"
        aria-pressed={loop.value}
        title="Again and again"
        onClick={() => (loop.value = !loop.value)}
      >
        Loop
      </button>
    </span>
  );
}

/** It stays in sight, above the player. */
function useAbovePlayer(root: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const dock = document.querySelector<HTMLElement>(".dock");
    if (dock === null) return;
    const observer = new ResizeObserver(() => {
      if (root.current !== null) root.current.style.insetBlockEnd = `${dock.offsetHeight}px`;
    });
    observer.observe(dock);
    return () => observer.disconnect();
  }, []);
}
