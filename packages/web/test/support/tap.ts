import type { Page } from "playwright-core";
import { until } from "../../../receiver/test/support/waiting.js";
import { heardIn, type Spoken } from "./time-code.js";

declare global {
  /** What is between a page's sound and the loudspeaker. */
  var taps: AnalyserNode[];
}

/** Samples of a piece: a fifth of a second at 48 kHz, less than a third of what an analyser keeps. */
const PIECE = 9600;
const LONGEST_MS = 25_000;

/** In the page, before its own scripts: all that becomes sound passes an analyser. */
export function installTap(): void {
  globalThis.taps = [];
  const elements = new WeakSet<HTMLMediaElement>();
  let ours: AudioContext | undefined;
  const { play } = HTMLMediaElement.prototype;
  const connect: (this: AudioNode, target: AudioNode, ...rest: number[]) => AudioNode =
    AudioNode.prototype.connect;
  const analyserOf = (context: BaseAudioContext) => {
    const analyser = new AnalyserNode(context, { fftSize: 16_384 });
    globalThis.taps.push(analyser);
    return analyser;
  };
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    ours ??= new AudioContext({ sampleRate: 48_000 });
    if (!elements.has(this)) {
      elements.add(this);
      const analyser = analyserOf(ours);
      connect.call(ours.createMediaElementSource(this), analyser);
      connect.call(analyser, ours.destination);
    }
    return play.call(this);
  };
  AudioNode.prototype.connect = function (this: AudioNode, target: AudioNode, ...rest: number[]) {
    if (target instanceof AudioDestinationNode) connect.call(this, analyserOf(this.context));
    return connect.call(this, target, ...rest);
  } as AudioNode["connect"];
}

/** What a piece of the sound says that a page makes just now, the loudest if there are several. */
export async function heardNow(page: Page): Promise<Partial<Spoken>> {
  const { samples, rate } = await page.evaluate((piece) => {
    const pieces = globalThis.taps.map((tap) => {
      const all = new Float32Array(tap.fftSize);
      tap.getFloatTimeDomainData(all);
      const samples = all.slice(-piece);
      return { samples, rate: tap.context.sampleRate, power: samples.reduce((sum, x) => sum + x * x, 0) };
    });
    const loudest = pieces.sort((a, b) => b.power - a.power)[0];
    return { samples: Array.from(loudest?.samples ?? []), rate: loudest?.rate ?? 1 };
  }, PIECE);
  return samples.some((sample) => sample !== 0) ? heardIn(samples, rate) : {};
}

/** Resolves with a moment that is heard, as seconds of a day, and by whom. */
export async function hear(
  page: Page,
  what: string,
  isIt: (secondOfDay: number) => boolean = () => true,
): Promise<{ readonly second: number; readonly device: number | undefined }> {
  const heard = async () => {
    const { hour, minute, second, device } = await heardNow(page);
    if (hour === undefined || minute === undefined || second === undefined) return undefined;
    const secondOfDay = hour * 3600 + minute * 60 + second;
    return isIt(secondOfDay) && { second: secondOfDay, device };
  };
  return until(`to hear ${what}`, heard, LONGEST_MS, 50);
}

/** Seconds of the day that are heard until one is behind `last`, each once, in the order in which they come. */
export async function hearUntil(page: Page, last: number): Promise<number[]> {
  const heard: number[] = [];
  await hear(page, `what is behind ${last} (heard: ${heard})`, (second) => {
    if (heard.at(-1) !== second) heard.push(second);
    return second >= last;
  });
  return heard;
}
