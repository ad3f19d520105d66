import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { linkTo } from "../../../shell/router.js";
import type { DayModel } from "../model/day-model.js";
import { writeAddress } from "../time/address.js";

interface CopyLinkProps {
  readonly model: DayModel;
  readonly tell: (text: string) => void;
}

/** A link to what is shown: devices, view, playhead, selection. */
export function CopyLink({ model, tell }: CopyLinkProps) {
  const shown = useSignal<string | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    const link = linkTo(writeAddress(model.zone, model.date, model.state));
    // Browsers give the clipboard to pages of https and of this machine alone.
    const isCopied = await (navigator.clipboard?.writeText(link) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    shown.value = isCopied ? undefined : link;
    tell(isCopied ? "The link is copied." : "Copy the link from the field.");
    if (!isCopied) requestAnimationFrame(() => field.current?.select());
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>
      {shown.value !== undefined && <input ref={field} readOnly aria-label="Link" value={shown.value} />}
    </>
  );
}
