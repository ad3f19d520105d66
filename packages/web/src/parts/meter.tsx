import { type ReadonlySignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { LiveLevel } from "../server/live.js";
import { QUIETEST, shareOf } from "./loudness.js";
import "./meter.css";
import { dbfsOf } from "./words.js";

interface MeterProps {
  readonly level: ReadonlySignal<LiveLevel | undefined>;
  /** Whose it is, for who does not see it. */
  readonly label: string;
}

/** Loudness as it is: RMS as a bar in the colours of loudness, the peak as a line. It rises at once and falls slowly. */
export function Meter({ level, label }: MeterProps) {
  const root = useRef<HTMLSpanElement>(null);
  useSignalEffect(() => {
    if (root.current !== null) show(root.current, level.value);
  });
  return (
    <span class="meter" ref={root}>
      <span class="meter-rest" />
      <span class="meter-peak" />
      <span class="meter-text" aria-hidden="true" />
      <meter class="unseen" min={QUIETEST} max={0} aria-label={`Level of ${label}`} />
    </span>
  );
}

// Written straight to the page: it comes each second for each of hundreds of devices.
function show(root: HTMLElement, level: LiveLevel | undefined): void {
  const [rest, peak, text, meter] = root.children as unknown as HTMLElement[];
  const rms = level === undefined ? 0 : shareOf(level.rmsDbfs);
  const before = Number(root.dataset.share ?? 0);
  root.dataset.share = String(rms);
  root.classList.toggle("meter-falls", rms < before);
  root.classList.toggle("meter-none", level === undefined);
  rest.style.transform = `scaleX(${1 - rms})`;
  peak.style.transform = `translateX(${100 * (level === undefined ? 0 : shareOf(level.peakDbfs))}%)`;
  const words = level === undefined ? "" : dbfsOf(level.peakDbfs);
  text.textContent = words;
  root.title = level === undefined ? "" : `peak ${words}, RMS ${dbfsOf(level.rmsDbfs)}`;
  (meter as HTMLMeterElement).value = level?.rmsDbfs ?? QUIETEST;
  meter.setAttribute("aria-valuetext", level === undefined ? "no audio" : `${words} peak`);
}
