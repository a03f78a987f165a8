/** The one clock of all cameras that play together: hub time in ms, running at a rate while it is not held. */

export class PlayClock {
  private base: number;
  private since: number | null = null;
  private speed = 1;

  constructor(
    at: number,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.base = at;
  }

  get at(): number {
    return this.since === null ? this.base : this.base + (this.monotonic() - this.since) * this.speed;
  }

  get runs(): boolean {
    return this.since !== null;
  }

  get rate(): number {
    return this.speed;
  }

  set rate(rate: number) {
    this.set(this.at);
    this.speed = rate;
  }

  run(): void {
    this.since ??= this.monotonic();
  }

  hold(): void {
    this.base = this.at;
    this.since = null;
  }

  /** Goes to a moment; running or held as it was. */
  set(at: number): void {
    this.base = at;
    if (this.since !== null) this.since = this.monotonic();
  }
}

/** The same clock as a camera's footage is dated: later by so much, where that was dated by a clock that was ahead. */
export class Dated {
  constructor(
    private readonly clock: PlayClock,
    private readonly late: number,
  ) {}

  get at(): number {
    return this.clock.at + this.late;
  }

  get rate(): number {
    return this.clock.rate;
  }
}
