import { useSignal } from "@preact/signals";
import { server } from "../../../server/client.js";
import { mayChange } from "../../../server/info.js";
import type { DayModel } from "../model/day-model.js";
import type { Selection } from "../time/address.js";

interface MarksProps {
  readonly model: DayModel;
  readonly selection: Selection;
  readonly tell: (text: string) => void;
}

interface Mark {
  readonly kind: "pin" | "note";
  readonly id: string;
  readonly words: string;
}

const REMOVE = { pin: "DELETE /pins/{id}", note: "DELETE /notes/{id}" } as const;
const WORDS = { pin: "Pinned", note: "Note" } as const;

/** Pins and notes that lie in what is selected, and the way to be rid of them. */
export function Marks({ model, selection, tell }: MarksProps) {
  const lane = model.lanes.value.find(({ device }) => device === selection.device);
  const isIn = ({ fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }) =>
    fromUs < selection.toUs && toUs > selection.fromUs;
  const pins =
    lane?.pins.filter(isIn).map(({ id, note }): Mark => ({ kind: "pin", id, words: note ?? "" })) ?? [];
  const notes =
    lane?.notes
      .filter(isIn)
      .map(({ id, text, author }): Mark => ({ kind: "note", id, words: `${author}: ${text}` })) ?? [];
  const all = [...pins, ...notes];
  if (all.length === 0) return null;
  return (
    <ul class="selection-marks">
      {all.map((mark) => (
        <MarkRow key={mark.id} mark={mark} tell={tell} />
      ))}
    </ul>
  );
}

function MarkRow({
  mark: { kind, id, words },
  tell,
}: {
  readonly mark: Mark;
  readonly tell: MarksProps["tell"];
}) {
  const isAsking = useSignal(false);
  const remove = () => {
    isAsking.value = true;
    server.call(REMOVE[kind], { params: { id } }).then(
      () => tell(kind === "pin" ? "It is no longer pinned." : "The note is removed."),
      (error: Error) => {
        isAsking.value = false;
        tell(`That did not work: ${error.message}`);
      },
    );
  };
  return (
    <li>
      <strong>{WORDS[kind]}</strong> <span>{words}</span>
      {mayChange.value && (
        <button type="button" class="quiet" disabled={isAsking.value} onClick={remove}>
          {kind === "pin" ? "Unpin" : "Remove"}
        </button>
      )}
    </li>
  );
}
