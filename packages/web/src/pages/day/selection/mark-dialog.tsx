import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Dialog } from "../../../parts/dialog.js";
import { Failure } from "../../../parts/failure.js";
import { server } from "../../../server/client.js";
import { nameOf } from "../../../server/devices.js";
import { stretchText } from "../model/describe.js";
import type { Selection } from "../time/address.js";

interface MarkDialogProps {
  readonly kind: "pin" | "note";
  readonly selection: Selection;
  readonly zone: string;
  /** @param told what has come of it; undefined: it was left */
  readonly done: (told?: string) => void;
}

const TEXTS = {
  pin: {
    title: "Pin",
    field: "Why (may be empty)",
    about: "What is pinned is not deleted, neither by age nor by hand.",
    most: 500,
  },
  note: {
    title: "Note",
    field: "What you hear",
    about: "Everybody who may hear this device can read it.",
    most: 2000,
  },
} as const;

/** Asks for the words of a pin or a note. */
export function MarkDialog({ kind, selection, zone, done }: MarkDialogProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const error = useSignal<Error | undefined>(undefined);
  const isAsking = useSignal(false);
  const { title, field: label, about, most } = TEXTS[kind];
  const save = async (event: Event) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    isAsking.value = true;
    try {
      if (kind === "pin")
        await server.call("POST /pins", { body: { ...selection, ...(text !== "" && { note: text }) } });
      else await server.call("POST /notes", { body: { ...selection, text } });
      done(kind === "pin" ? "It is pinned." : "The note is kept.");
    } catch (failure) {
      error.value = failure as Error;
      isAsking.value = false;
    }
  };
  return (
    <Dialog title={title} onClose={() => done()}>
      <p>
        {nameOf(selection.device)}, {stretchText(selection.fromUs, selection.toUs, zone)}. {about}
      </p>
      <form onSubmit={save} class="selection-form">
        <label class="field">
          <span>{label}</span>
          <textarea ref={field} rows={3} maxLength={most} required={kind === "note"} />
        </label>
        {error.value && <Failure error={error.value} />}
        <footer>
          <button type="button" onClick={() => done()}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isAsking.value}>
            {isAsking.value ? "Saving…" : title}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
