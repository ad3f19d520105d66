const MARKS = [
  { words: "sound event: the higher, the louder", path: "M2 10V4M7 10V7M9 10V6M14 10V1", colour: "ink" },
  { words: "missing", path: "m0 10 10-10M5 10 15 0M10 10 20 0M15 10l5-5M0 5l5-5", colour: "warn" },
  { words: "only in the bucket", path: "M0 5h5M8 5h5M16 5h4", colour: "accent" },
  { words: "pinned", path: "M0 1h20M0 9h20", colour: "accent" },
  { words: "note", path: "m6 1 8 4-8 4Z", colour: "warn" },
] as const;

/** What the marks of the lanes mean. */
export function MarksKey() {
  return (
    <p class="day-marks faint small" aria-hidden="true">
      {MARKS.map(({ words, path, colour }) => (
        <span key={words}>
          <svg class={`day-mark-${colour}`} width="20" height="10" viewBox="0 0 20 10" aria-hidden="true">
            <path d={path} />
          </svg>
          {words}
        </span>
      ))}
    </p>
  );
}
