/** Up to four cameras on one clock. It holds while one of them has something to show and has not got it yet. */

import { signal } from "@preact/signals";
import { hubNow } from "../../api/hubclock";
import type { Windows } from "../../store/playwindows";
import { Dated, PlayClock } from "./clock";
import { keyframesOnly } from "./feed";
import { Track } from "./track";

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

const TICK_MS = 40;
/** No camera makes the others wait longer than this. */
const PATIENCE_MS = 8_000;
/** What is shown is the frame that began at or before a moment: just past its beginning, rounding cannot name the one before. */
const PAST_MS = 1;
const STEP_MS = 40;
/** The videos' zero lies this long before the moment one begins at: further back than anything is kept. */
const BEFORE_MS = 4_000 * 86_400_000;

/** Where footage goes on after a moment (or ended before it); null where there is none, undefined while that is asked. */
export type Next = (at: number, forward: boolean) => number | null | undefined;

export interface Skipped {
  from: number;
  to: number;
}

export class Player {
  readonly position = signal(0);
  readonly playing = signal(false);
  readonly rate = signal(1);
  readonly waiting = signal(false);
  /** What was jumped over last, since none of the cameras has it. */
  readonly skipped = signal<Skipped | null>(null);
  /** It stopped because there is no more. */
  readonly over = signal(false);
  readonly tracks: readonly Track[];
  private readonly clock: PlayClock;
  private readonly timer: ReturnType<typeof setInterval>;
  private heldSince: number | null = null;

  constructor(
    cameras: readonly string[],
    readonly windows: Windows,
    at: number,
    private readonly next: Next,
    private readonly bounds: { from: number; to: number } = { from: -Infinity, to: Infinity },
    /** How much later than it was each camera's footage is dated, in ms. */
    private readonly late: readonly number[] = [],
  ) {
    this.clock = new PlayClock(at);
    this.position.value = at;
    const epoch = at - BEFORE_MS;
    this.tracks = cameras.map((one, n) => new Track(one, windows, new Dated(this.clock, late[n] ?? 0), epoch));
    this.timer = setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", this.onVisible);
  }

  play(rate?: number): void {
    if (rate !== undefined) this.setRate(rate);
    this.over.value = false;
    this.playing.value = true;
    this.heldSince = null;
  }

  pause(): void {
    this.playing.value = false;
    this.clock.hold();
    if (this.clock.rate < 0) this.setRate(1);
    this.tick();
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else this.play();
  }

  /** Negative: backwards, by keyframes. */
  setRate(rate: number): void {
    this.clock.rate = rate;
    this.rate.value = rate;
  }

  seek(at: number): void {
    this.clock.set(Math.max(this.bounds.from, Math.min(this.bounds.to, hubNow(), at)));
    this.position.value = this.clock.at;
    this.skipped.value = null;
    this.over.value = false;
    this.heldSince = null;
    if (this.playing.value) this.clock.hold();
    this.tick();
  }

  /** One frame on or back, of the first camera that has one there. */
  step(by: 1 | -1): void {
    this.pause();
    if (keyframesOnly(this.clock.rate)) this.setRate(1);
    const at = this.clock.at;
    const to = this.tracks
      .map((one, n) => {
        const late = this.late[n] ?? 0;
        const found = one.frame(at + late, by);
        return found === null ? null : found - late;
      })
      .find((one) => one !== null);
    this.seek(to === undefined || to === null ? at + by * STEP_MS : to + PAST_MS);
  }

  close(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    for (const one of this.tracks) one.close();
  }

  private tick(): void {
    const wanted = this.playing.value;
    const ready = this.tracks.map((one) => one.follow(wanted && this.clock.runs)).every(Boolean);
    this.waiting.value = !ready;
    if (wanted) {
      if (this.tracks.every((one) => one.empty)) this.skip();
      else this.hold(!ready);
    }
    this.position.value = this.clock.at;
    const { from, to } = this.bounds;
    const end = this.clock.rate < 0 ? this.clock.at <= from : this.clock.at >= Math.min(to, hubNow());
    if (wanted && end) this.stop();
  }

  private hold(hold: boolean): void {
    if (!hold) {
      this.heldSince = null;
      this.clock.run();
      return;
    }
    this.heldSince ??= performance.now();
    if (performance.now() - this.heldSince < PATIENCE_MS) this.clock.hold();
    else this.clock.run();
  }

  /** None of the cameras has anything here: on to where one has, or to the end. */
  private skip(): void {
    this.clock.hold();
    const from = this.clock.at;
    const to = this.next(from, this.clock.rate > 0);
    if (to === undefined) return;
    if (to === null || to < this.bounds.from || to > this.bounds.to) {
      this.stop();
      return;
    }
    this.clock.set(to);
    if (Math.abs(to - from) > 2_000) this.skipped.value = { from: Math.min(from, to), to: Math.max(from, to) };
  }

  private stop(): void {
    this.over.value = true;
    this.pause();
  }

  /** Nobody sees a hidden tab, and what is played is on record. */
  private readonly onVisible = (): void => {
    if (document.hidden && this.playing.value) this.pause();
  };
}
