import { Skeleton } from "../../parts/skeleton.js";
import { Size } from "../../parts/times.js";
import { durationOf, percentOf, sizeOf } from "../../parts/words.js";
import { type Now, now } from "../../server/live.js";
import "./machine.css";
import { queueWords } from "./queue-words.js";

const HOUR_US = 3_600_000_000;

/** What the recordings live on, and what is done with them. */
export function Machine() {
  return (
    <div class="machine">
      <section aria-labelledby="disk">
        <h2 id="disk">Disk</h2>
        {now.value === undefined ? (
          <Skeleton like="123 GB free of 512 GB, for weeks" />
        ) : (
          <Disk disk={now.value.disk} />
        )}
      </section>
      <section aria-labelledby="queues">
        <h2 id="queues">After the recording</h2>
        {now.value === undefined ? <Skeleton like="nothing waits" /> : <Queues queues={now.value.queues} />}
      </section>
    </div>
  );
}

function Disk({ disk }: { readonly disk: Now["disk"] }) {
  const { totalBytes, freeBytes, recordedBytes, trouble } = disk;
  if (totalBytes === null || freeBytes === null) return <p class="ill">It does not answer.</p>;
  const used = totalBytes - freeBytes;
  const others = Math.max(0, used - recordedBytes);
  return (
    <>
      <meter class="unseen" min={0} max={totalBytes} value={used} aria-label="Disk in use" />
      <DiskBar
        parts={[others / totalBytes, Math.min(used, recordedBytes) / totalBytes]}
        isFull={trouble !== null}
      />
      <p>
        <strong class={trouble === null ? "" : "ill"}>
          <Size bytes={freeBytes} /> free
        </strong>{" "}
        of <Size bytes={totalBytes} /> · recordings <Size bytes={recordedBytes} /> (
        {percentOf(recordedBytes, totalBytes)})
      </p>
      <p class="faint">{growthOf(disk)}</p>
    </>
  );
}

function DiskBar({
  parts: [others, ours],
  isFull,
}: {
  readonly parts: readonly number[];
  readonly isFull: boolean;
}) {
  return (
    <svg
      class={`disk-bar${isFull ? " disk-full" : ""}`}
      viewBox="0 0 1000 8"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="disk-others" width={others * 1000} height="8" />
      <rect class="disk-ours" x={others * 1000} width={ours * 1000} height="8" />
    </svg>
  );
}

function growthOf({ bytesPerSecond, hoursLeft, keepFreeBytes }: Now["disk"]): string {
  const stops = `recording stops at ${sizeOf(keepFreeBytes)} free`;
  if (bytesPerSecond <= 0) return `It does not grow; ${stops}.`;
  const growth = `Grows ${sizeOf(Math.round(bytesPerSecond * 3600))} an hour`;
  if (hoursLeft === null) return `${growth}; ${stops}.`;
  const left = hoursLeft === 0 ? "no room is left" : `room for ${durationOf(hoursLeft * HOUR_US)}`;
  return `${growth}: ${left}; ${stops}.`;
}

function Queues({ queues }: { readonly queues: Now["queues"] }) {
  const words = queues.map(queueWords);
  const shown = words.filter(({ kind }) => kind !== "idle");
  if (queues.length === 0) return <p class="faint">Nothing is done: there is no catalogue.</p>;
  const idle = words.filter(({ kind }) => kind === "idle").map(({ name }) => name);
  return (
    <ul class="queues">
      {shown.map(({ name, told, advice, kind }) => (
        <li key={name} class={`queue-${kind}`}>
          <strong>{name}</strong>: {told}
          {advice && <small class="faint"> {advice}</small>}
        </li>
      ))}
      {idle.length > 0 && <li class="faint">{`Nothing to do: ${idle.join(", ")}`}</li>}
    </ul>
  );
}
