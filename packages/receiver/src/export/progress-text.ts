import type { RangePlan } from "@audio/archive";

/** `42 %, 151 s of 360 s, 830 times real time` */
export function progressText(samples: number, plan: RangePlan, elapsedMs: number): string {
  const { sampleRate } = plan.format;
  const seconds = samples / sampleRate;
  const percent = Math.floor((samples / plan.samples) * 100);
  const pace = Math.round((seconds / elapsedMs) * 1000);
  return `${percent} %, ${Math.round(seconds)} s of ${Math.round(plan.samples / sampleRate)} s, ${pace} times real time`;
}
