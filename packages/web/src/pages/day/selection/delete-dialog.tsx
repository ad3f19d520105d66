import type { Loss } from "@audio/api";
import { useSignal } from "@preact/signals";
import { Dialog } from "../../../parts/dialog.js";
import { Failure, Said } from "../../../parts/failure.js";
import { countOf, durationOf, sizeOf } from "../../../parts/words.js";
import { server } from "../../../server/client.js";
import { nameOf } from "../../../server/devices.js";
import { useServer } from "../../../server/use-server.js";
import { stretchText } from "../model/describe.js";
import type { Selection } from "../time/address.js";
import { beyond } from "./loss.js";

interface DeleteDialogProps {
  readonly selection: Selection;
  readonly zone: string;
  /** @param told what has come of it; undefined: it was left */
  readonly done: (told?: string) => void;
}

const MOST_KEPT = 8;

/** Says exactly what a deletion takes, and deletes when it is confirmed. */
export function DeleteDialog({ selection, zone, done }: DeleteDialogProps) {
  const { device, fromUs, toUs } = selection;
  const loss = useServer("GET /loss", { query: { device, from: String(fromUs), to: String(toUs) } });
  return (
    <Dialog title={`Delete from ${nameOf(device)}`} onClose={() => done()}>
      <p>You have selected {stretchText(fromUs, toUs, zone)}.</p>
      {loss.state === "loading" && <p class="faint">The receiver is asked what that takes…</p>}
      {loss.error && <Failure error={loss.error} again={loss.again} />}
      {loss.value && loss.value.segments > 0 && (
        <Confirm loss={loss.value} selection={selection} zone={zone} done={done} again={loss.again} />
      )}
      {loss.value && loss.value.segments === 0 && (
        <>
          <p>There is nothing in it that can be deleted.</p>
          <Kept loss={loss.value} />
          <Leave done={done} />
        </>
      )}
      {loss.state !== "ready" && <Leave done={done} />}
    </Dialog>
  );
}

function Leave({ done }: Pick<DeleteDialogProps, "done">) {
  return (
    <footer>
      <button type="button" onClick={() => done()}>
        Keep everything
      </button>
    </footer>
  );
}

interface ConfirmProps extends DeleteDialogProps {
  readonly loss: Loss;
  readonly again: () => void;
}

function Confirm({ loss, selection, zone, done, again }: ConfirmProps) {
  const isSure = useSignal(false);
  const isAsking = useSignal(false);
  const error = useSignal<Error | undefined>(undefined);
  const { device, fromUs, toUs } = selection;
  const remove = async () => {
    isAsking.value = true;
    try {
      const lost = await server.call("POST /deletions", {
        body: { device, fromUs, toUs, segments: loss.segments },
      });
      done(
        `${countOf(lost.segments, "segment")} deleted: ${durationOf(lost.recordedUs)}, ${sizeOf(lost.localBytes)}.`,
      );
    } catch (failure) {
      error.value = failure as Error;
      isAsking.value = false;
      isSure.value = false;
      again(); // it may take another number by now
    }
  };
  return (
    <>
      <LossList loss={loss} selection={selection} zone={zone} />
      <Kept loss={loss} />
      {error.value && <Failure error={error.value} />}
      <label>
        <input
          type="checkbox"
          checked={isSure.value}
          onChange={({ currentTarget }) => (isSure.value = currentTarget.checked)}
        />
        Yes, this is to be gone for good. There is no way back.
      </label>
      <footer>
        <button type="button" onClick={() => done()}>
          Keep everything
        </button>
        <button
          type="button"
          class="danger"
          disabled={!isSure.value || isAsking.value}
          onClick={() => void remove()}
        >
          {isAsking.value ? "Deleting…" : `Delete ${countOf(loss.segments, "segment")}`}
        </button>
      </footer>
    </>
  );
}

function LossList({ loss, selection, zone }: Pick<ConfirmProps, "loss" | "selection" | "zone">) {
  const more = beyond(loss, selection);
  return (
    <>
      <dl class="selection-loss">
        <dt>Lost</dt>
        <dd>
          {countOf(loss.segments, "segment")}, {durationOf(loss.recordedUs)} of audio,{" "}
          {sizeOf(loss.localBytes)} on the disk
        </dd>
        {loss.fromUs !== null && loss.toUs !== null && (
          <>
            <dt>From, to</dt>
            <dd>{stretchText(loss.fromUs, loss.toUs, zone)}</dd>
          </>
        )}
        {loss.remoteCopies > 0 && (
          <>
            <dt>In the bucket</dt>
            <dd>{countOf(loss.remoteCopies, "copy", "copies")}, deleted too</dd>
          </>
        )}
      </dl>
      {more > 0 && (
        <Said kind="warn" title={`${durationOf(more)} more than you have selected`}>
          <p>Segments are deleted whole.</p>
        </Said>
      )}
    </>
  );
}

function Kept({ loss }: { readonly loss: Loss }) {
  if (loss.kept.length === 0) return null;
  return (
    <div>
      <h3>
        {countOf(loss.kept.length, "segment")} {loss.kept.length === 1 ? "stays" : "stay"}
      </h3>
      <ul class="selection-kept">
        {loss.kept.slice(0, MOST_KEPT).map(({ stem, why }) => (
          <li key={stem}>
            <code>{stem}</code>: {why}
          </li>
        ))}
        {loss.kept.length > MOST_KEPT && <li>and {loss.kept.length - MOST_KEPT} more</li>}
      </ul>
    </div>
  );
}
