import { listen } from "../../player/player.js";
import { isLive, devices as played } from "../../player/state.js";
import type { RowStream } from "./rows.js";

interface ListenButtonProps {
  readonly device: string;
  /** As people call it. */
  readonly name: string;
  readonly stream: RowStream;
  /** The only one of its device. */
  readonly isOnly: boolean;
}

/** Hears a stream as it comes. */
export function ListenButton({ device, name, stream: { key, streamId }, isOnly }: ListenButtonProps) {
  const isHeard = isOnly && isLive.value && played.value.includes(device);
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isHeard}
      aria-label={`Listen to ${name}${isOnly ? "" : `, stream ${streamId}`}`}
      onClick={() => void listen(device, key)}
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M2 1v10l9-5Z" />
      </svg>
      {isOnly ? "Listen" : streamId}
    </button>
  );
}
