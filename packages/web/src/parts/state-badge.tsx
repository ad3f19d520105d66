import "./state-badge.css";

export type DeviceState = "recording" | "silent" | "not-recorded" | "offline";

/** What each state is called. */
export const STATE_WORDS: Readonly<Record<DeviceState, string>> = {
  recording: "recording",
  silent: "silent",
  "not-recorded": "not recorded",
  offline: "offline",
};

const MEANINGS: Readonly<Record<DeviceState, string>> = {
  recording: "Audio arrives and is written.",
  silent: "It is connected, but nothing has come for 5 s.",
  "not-recorded": "Audio arrives, and is not written.",
  offline: "It is not connected.",
};

// Told apart without colour: full, half, crossed, hollow.
const SHAPES: Readonly<Record<DeviceState, string>> = {
  recording: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z",
  silent: "M1 5h10v2H1Z",
  "not-recorded": "M6 .5 11.8 11H.2ZM5.3 4v3.6h1.4V4Zm0 4.4v1.3h1.4V8.4Z",
  offline: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z",
};

interface StateBadgeProps {
  readonly state: DeviceState;
  readonly why?: string | null;
}

/** State of a device: shape, word and colour say the same. */
export function StateBadge({ state, why }: StateBadgeProps) {
  return (
    <span class={`state state-${state}`} title={why ?? MEANINGS[state]}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path fill-rule="evenodd" d={SHAPES[state]} />
      </svg>
      {STATE_WORDS[state]}
    </span>
  );
}
