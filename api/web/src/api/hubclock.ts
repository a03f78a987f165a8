/** The hub's clock, by which all times on the page go: a desk's own may be minutes off, and may be set at any time. */

export class HubClock {
  /** The hub's clock less this browser's, ms, and how far off that may be. */
  private ahead = 0;
  private doubt = Infinity;

  /** The hub's time, ms since 1970; this browser's own until the hub was asked. */
  now(): number {
    return Date.now() + this.ahead;
  }

  /** One of the hub's times by this browser's clock. */
  here(at: number): number {
    return at - this.ahead;
  }

  /** The hub's clock showed `at`, or up to `within` ms more, when it answered what was asked at `asked` (this browser's). */
  hear(at: number, asked: number, within = 0): void {
    const took = Date.now() - asked;
    if (took < 0) return; // this browser's clock was set back meanwhile
    const ahead = at + within / 2 - asked - took / 2;
    const doubt = (took + within) / 2;
    // Where two answers cannot both be, a clock was set, or drifted: the newer one is right.
    const changed = Math.abs(ahead - this.ahead) > doubt + this.doubt;
    if (doubt > this.doubt && !changed) return;
    this.ahead = ahead;
    this.doubt = doubt;
  }
}

export const hubClock = new HubClock();
export const hubNow = (): number => hubClock.now();
