import type { EventEmitter } from "node:events";
import type { Archive } from "@audio/archive";
import type { ReceiverEvents } from "./events.js";

const LOOK_EVERY_MS = 1000;

/**
 * Tells when the disk takes nothing for some seconds, and when it does again: nothing has failed, so nobody else says so.
 * @returns ends it
 */
export function watchStalls(
  archive: Pick<Archive, "trouble">,
  events: EventEmitter<ReceiverEvents>,
): () => void {
  let isStalled = false;
  const timer = setInterval(() => {
    const stalled = archive.trouble === "disk-stalled";
    if (stalled === isStalled) return;
    isStalled = stalled;
    events.emit("disk:stalled", { stalled });
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
