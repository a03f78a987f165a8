/** A wall that shows where something happens: each camera stays for a while, so that nobody's eye is torn about. */

import { signal } from "@preact/signals";
import type { HubEvent } from "../api/types";

/** A camera on the wall because of an event of it. */
export interface Held {
  camera: string;
  /** Its newest event. */
  event: HubEvent;
  /** Not replaced before this, ms on the clock given. */
  until: number;
}

/** What waited longer for a place is no news any more. */
const FRESH_MS = 60_000;
const MOST_WAITING = 50;

export class Activity {
  readonly slots = signal<readonly (Held | null)[]>([]);
  /** Of cameras that found no place yet; the newest first. */
  private waiting: { event: HubEvent; at: number }[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly holdMs: number,
    size: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.resize(size);
  }

  resize(size: number): void {
    const kept = this.slots.peek().filter((one) => one !== null);
    const stay = kept.sort((a, b) => b.until - a.until).slice(0, size);
    if (size === this.slots.peek().length) return;
    this.slots.value = Array.from({ length: size }, (_, at) => stay[at] ?? null);
    this.fill();
  }

  /** An event began, or changed. */
  happened(event: HubEvent): void {
    const at = this.slots.peek().findIndex((one) => one?.camera === event.camera_id);
    const shown = this.slots.peek()[at];
    if (shown) {
      if (event.started_at < shown.event.started_at) return;
      this.put(at, { camera: shown.camera, event, until: this.now() + this.holdMs });
      return;
    }
    const before = this.waiting.find((one) => one.event.camera_id === event.camera_id);
    // What has ended and changes still, say by its mark, is no reason to come up.
    if (event.ended_at !== null && event.revision > 1 && !before) return;
    this.waiting = [{ event, at: this.now() }, ...this.waiting.filter((one) => one !== before)].slice(0, MOST_WAITING);
    this.fill();
  }

  /** Cameras that may be shown no more leave at once. */
  without(gone: (camera: string) => boolean): void {
    this.waiting = this.waiting.filter((one) => !gone(one.event.camera_id));
    if (!this.slots.peek().some((one) => one && gone(one.camera))) return;
    this.slots.value = this.slots.peek().map((one) => (one && gone(one.camera) ? null : one));
    this.fill();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private put(at: number, held: Held): void {
    this.slots.value = this.slots.peek().map((one, index) => (index === at ? held : one));
  }

  /** Gives what waits, the newest first, the empty places, then those held long enough, the longest quiet first. */
  private fill(): void {
    clearTimeout(this.timer);
    const now = this.now();
    this.waiting = this.waiting.filter((one) => now - one.at < FRESH_MS);
    while (this.waiting.length > 0) {
      const at = this.free(now);
      if (at === -1) break;
      const { event } = this.waiting.shift()!;
      this.put(at, { camera: event.camera_id, event, until: now + this.holdMs });
    }
    if (this.waiting.length === 0) return;
    const next = Math.min(...this.slots.peek().map((one) => one?.until ?? Infinity));
    if (next < Infinity) this.timer = setTimeout(() => this.fill(), Math.max(50, next - now));
  }

  private free(now: number): number {
    const slots = this.slots.peek();
    const empty = slots.indexOf(null);
    if (empty !== -1) return empty;
    let found = -1;
    slots.forEach((one, at) => {
      if (one!.until <= now && (found === -1 || one!.until < slots[found]!.until)) found = at;
    });
    return found;
  }
}
