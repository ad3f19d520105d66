import { ApiError } from "@audio/api/client";
import { batch } from "@preact/signals";
import { clockText } from "./clock-text.js";
import { explain } from "./explain.js";
import { soundAt } from "./plan/review.js";
import type { Next, Programme, Step } from "./programme/programme.js";
import { Deck } from "./sound/deck.js";
import { Lead } from "./sound/lead.js";
import * as state from "./state.js";

/** The next window is asked for so long before the one at hand ends. */
const PREPARE_S = 15;
/** Who clicks where nothing is for longer is asked before the player goes elsewhere. */
const ASK_FROM_US = 600_000_000;
/** What is left of a window is heard to its end while the next begins. */
const OVERLAP_MS = 500;
const TOGETHER_EVERY_MS = 500;
const EDGE_POLL_MS = 2_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000];

/** Plays a programme: window after window without a hole, at the moment and the pace that people want. */
export class Transport {
  private programme: Programme | undefined;
  private deck: Deck | undefined;
  private following: Deck | "asked" | undefined;
  /** Of what was asked last: a newer wish ends it. */
  private wish = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private togetherMs = 0;
  private readonly lead = new Lead();
  private askedMs: number | undefined;
  private failures = 0;

  /** Sounds of the review that plays. */
  get sounds(): Programme["sounds"] {
    return this.programme?.sounds;
  }

  /** Plays a programme from a moment on. */
  start(programme: Programme, us: number): void {
    this.stop();
    this.programme = programme;
    this.askedMs = performance.now();
    batch(() => {
      state.mode.value = programme.mode;
      state.devices.value = programme.devices;
      state.extent.value = programme.extent;
      state.playhead.value = us;
      state.playing.value = true;
      state.notice.value = undefined;
      state.startMs.value = undefined;
    });
    void this.enter(us, true);
  }

  /** Lets go of everything that plays; the playhead stays. */
  stop(): void {
    this.wish.abort();
    this.wish = new AbortController();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.release();
    batch(() => {
      state.playing.value = false;
      state.waiting.value = undefined;
      state.refused.value = false;
      state.reviewed.value = undefined;
    });
  }

  pause(): void {
    this.lead.forget();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.deck?.pause();
    state.playing.value = false;
    state.waiting.value = undefined;
  }

  resume(): void {
    const { programme } = this;
    const us = state.playhead.value;
    if (programme === undefined || us === undefined) return;
    state.playing.value = true;
    if (this.deck?.holds(us)) void this.sound(this.deck);
    else this.start(programme, us);
  }

  /** Goes to a moment of what plays; a pause stays one. */
  seek(us: number): void {
    const { programme, deck } = this;
    if (programme === undefined) return;
    state.playhead.value = us;
    if (deck?.holds(us)) {
      this.dropFollowing();
      this.lead.forget();
      deck.seek(us);
      if (state.playing.value) void this.sound(deck);
    } else if (state.playing.value) this.start(programme, us);
  }

  /** Takes over speed, volume and mix from the signals. */
  adjust(): void {
    for (const deck of [this.deck, this.following]) {
      if (!(deck instanceof Deck)) continue;
      deck.setRate(state.speed.value);
      deck.mix();
    }
  }

  private async enter(us: number, isWished = false): Promise<void> {
    state.waiting.value = "loading";
    const next = await this.ask(us);
    if (next === undefined) return;
    if (next.kind === "step" && !(isWished && next.step.skippedUs > ASK_FROM_US)) this.begin(next.step);
    else if (next.kind === "edge") this.waitAtEdge(next.us);
    else if (next.kind === "step") this.finish("Nothing was recorded here.", next.step.fromUs);
    else if (!isWished && next.elsewhereUs !== undefined && next.elsewhereUs > us) {
      state.notice.value = { kind: "told", text: `nothing until ${clockText(next.elsewhereUs)}` };
      void this.enter(next.elsewhereUs);
    } else this.finish(next.text, next.elsewhereUs);
  }

  // Undefined: nobody waits for the answer any more, or it was told why there is none.
  private async ask(us: number): Promise<Next | undefined> {
    const { signal } = this.wish;
    try {
      const next = await this.programme?.next(us, signal);
      return signal.aborted ? undefined : next;
    } catch (error) {
      if (!signal.aborted) this.fail(error instanceof ApiError ? error.message : String(error));
      return undefined;
    }
  }

  private begin(step: Step): void {
    if (step.skippedUs > 0)
      state.notice.value = { kind: "told", text: `nothing until ${clockText(step.fromUs)}` };
    if (step.isFar)
      state.notice.value = {
        kind: "told",
        text: "Some of this lies in the bucket only: it is fetched first.",
      };
    this.use(this.deckFor(step));
  }

  private deckFor(step: Step): Deck {
    const deck: Deck = new Deck(step, {
      onPlaying: () => deck === this.deck && this.heard(),
      onStall: () => deck === this.deck && this.stalled(),
      onEnd: () => deck === this.deck && this.advance(),
      onFailure: (device) => void this.mend(deck, device),
    });
    deck.setRate(state.speed.value);
    return deck;
  }

  private use(deck: Deck): void {
    const before = this.deck;
    if (before !== undefined && before !== deck) setTimeout(() => before.release(), OVERLAP_MS);
    this.deck = deck;
    this.following = undefined;
    if (state.playing.value) void this.sound(deck);
  }

  private async sound(deck: Deck): Promise<void> {
    try {
      await deck.play();
      this.tick();
    } catch (error) {
      const { name } = error as Error;
      if (deck !== this.deck || name !== "NotAllowedError") return; // a newer wish, or mend() tells it
      this.pause();
      state.refused.value = true;
    }
  }

  private heard(): void {
    this.failures = 0;
    state.waiting.value = undefined;
    state.refused.value = false;
    if (this.askedMs === undefined) return;
    state.startMs.value = performance.now() - this.askedMs;
    this.askedMs = undefined;
  }

  private stalled(): void {
    if (state.playing.value) state.waiting.value = "loading";
  }

  /** Runs with each picture while it plays; in a tab that nobody sees, `ended` moves it on. */
  private readonly tick = (): void => {
    cancelAnimationFrame(this.frame);
    const { deck } = this;
    if (deck === undefined || !state.playing.value) return;
    this.follow(deck);
    this.frame = requestAnimationFrame(this.tick);
  };

  private follow(deck: Deck): void {
    const us = deck.positionUs;
    state.playhead.value = us;
    const { sounds } = this.programme ?? {};
    if (sounds !== undefined)
      state.reviewed.value = { index: Math.max(1, soundAt(sounds, us)), count: sounds.length };
    const now = performance.now();
    this.lead.heard(now, (us - deck.step.fromUs) / 1e6 / state.speed.value);
    if (now - this.togetherMs > TOGETHER_EVERY_MS) {
      this.togetherMs = now;
      deck.together();
    }
    const { remainingS } = deck;
    if (remainingS < PREPARE_S && this.following === undefined) void this.prepare(deck);
    if (remainingS < this.lead.seconds && this.following instanceof Deck && this.following.isReady)
      this.advance();
  }

  private async prepare(deck: Deck): Promise<void> {
    this.following = "asked";
    const { signal } = this.wish;
    // What fails now is asked again, and told, when the window at hand is over.
    const next = await this.programme?.next(deck.step.toUs, signal).catch(() => undefined);
    if (signal.aborted || deck !== this.deck || this.following !== "asked") return;
    if (next?.kind === "step" && next.step.skippedUs === 0) this.following = this.deckFor(next.step);
  }

  private advance(): void {
    const { deck, following } = this;
    if (deck === undefined) return;
    if (following instanceof Deck) {
      this.lead.begin(performance.now(), deck.remainingS);
      this.use(following);
    } else void this.enter(deck.step.toUs);
  }

  private waitAtEdge(us: number): void {
    state.playhead.value = Math.min(us, state.playhead.value ?? us);
    state.waiting.value = "waiting for more";
    this.timer = setTimeout(() => void this.enter(state.playhead.value ?? us), EDGE_POLL_MS);
  }

  private finish(text: string, elsewhereUs?: number): void {
    this.stop();
    if (text === "") return;
    state.notice.value = { kind: "told", text };
    if (elsewhereUs === undefined) return;
    const offer = { label: `Play from ${clockText(elsewhereUs)}`, take: () => this.again(elsewhereUs) };
    state.notice.value = { kind: "told", text, offer };
  }

  /** An element does not say what was wrong: the receiver does. */
  private async mend(deck: Deck, device: string): Promise<void> {
    const isNow = deck === this.deck;
    if (!isNow && deck !== this.following) return;
    const { signal } = this.wish;
    const us = isNow ? (state.playhead.value ?? deck.step.fromUs) : deck.step.fromUs;
    const reason = await explain(device, { fromUs: us, toUs: deck.step.toUs }, signal);
    if (signal.aborted || reason.kind === "aborted") return;
    if (reason.kind === "nothing" && deck.drop(device)) return;
    if (reason.kind === "cuts") this.programme?.cutAt(reason.times);
    this.dropFollowing();
    if (!isNow || !state.playing.value) return;
    if (reason.kind === "cuts") void this.enter(us);
    else if (reason.kind === "lost") this.retry(us, reason.text);
    else this.fail(reason.text);
  }

  private retry(us: number, text: string): void {
    const wait = RETRY_MS[this.failures++];
    if (wait === undefined) return this.fail(text);
    state.waiting.value = "connecting again";
    this.timer = setTimeout(() => void this.enter(us), wait);
  }

  private fail(text: string): void {
    const us = state.playhead.value;
    this.stop();
    this.failures = 0;
    const take = () => us !== undefined && this.again(us);
    state.notice.value = { kind: "trouble", text, offer: { label: "Try again", take } };
  }

  private again(us: number): void {
    if (this.programme !== undefined) this.start(this.programme, us);
  }

  private dropFollowing(): void {
    if (this.following instanceof Deck) this.following.release();
    this.following = undefined;
  }

  private release(): void {
    this.lead.forget();
    this.dropFollowing();
    this.deck?.release();
    this.deck = undefined;
  }
}
