/** A wall that goes round: which page is shown, for how long still, and when the next one opens beneath it. */

import { signal } from "@preact/signals";

/** The next page's cameras are asked for this long before their turn, so that none begins black. */
const AHEAD_MS = 3_000;

export const pagesOf = (cameras: readonly string[], size: number): string[][] => {
  const pages: string[][] = [];
  for (let at = 0; size > 0 && at < cameras.length; at += size) pages.push(cameras.slice(at, at + size));
  return pages;
};

export class Rotation {
  readonly page = signal(0);
  readonly paused = signal(false);
  /** Whether the next page should be open already. */
  readonly ahead = signal(false);

  private left: number;
  private since = 0;
  private turn: ReturnType<typeof setTimeout> | undefined;
  private open: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly dwellMs: number,
    private pages: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.left = dwellMs;
    this.run();
  }

  /** The wall was divided anew, or cameras came and went. */
  resize(pages: number): void {
    const alone = this.pages < 2;
    this.pages = pages;
    if (this.page.peek() >= pages) this.page.value = 0;
    if (alone && pages > 1) this.begin();
  }

  go(by: 1 | -1): void {
    if (this.pages === 0) return;
    this.page.value = (this.page.peek() + by + this.pages) % this.pages;
    this.begin();
  }

  pause(): void {
    if (this.paused.peek()) return;
    this.left = this.rest();
    this.paused.value = true;
    this.halt();
  }

  resume(): void {
    if (!this.paused.peek()) return;
    this.paused.value = false;
    this.run();
  }

  /** How much of the page's time is over, 0–1. */
  progress(): number {
    return 1 - (this.paused.peek() ? this.left : this.rest()) / this.dwellMs;
  }

  close(): void {
    this.halt();
  }

  private rest(): number {
    return Math.max(0, this.left - (this.now() - this.since));
  }

  private begin(): void {
    this.left = this.dwellMs;
    this.halt();
    if (!this.paused.peek()) this.run();
  }

  private run(): void {
    this.since = this.now();
    if (this.pages < 2) return;
    this.turn = setTimeout(() => this.go(1), this.left);
    this.open = setTimeout(() => {
      this.ahead.value = true;
    }, Math.max(0, this.left - AHEAD_MS));
  }

  private halt(): void {
    clearTimeout(this.turn);
    clearTimeout(this.open);
    this.ahead.value = false;
  }
}
