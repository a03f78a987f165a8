/** Marks, and the incidents of them, on their way to the hub: kept in the tab until it has them, so that a lost line or a reload loses none. */

import { signal } from "@preact/signals";
import type { Problem } from "../api/client";
import type { NewIncident } from "../api/incidents";
import type { NewPatrolMark } from "../api/patrols";

export interface Waiting {
  patrol: string;
  /** The camera's name, for when it is refused. */
  camera: string;
  what: { mark: NewPatrolMark } | { incident: NewIncident; assign: string | null };
}

export interface To {
  send(one: Waiting): Promise<void>;
  /** Turns what was caught into a Problem. */
  settle(err: unknown): Problem;
  keep(waiting: readonly Waiting[]): void;
  /** The hub will never take it: it was dropped. */
  refused(problem: Problem, of: Waiting): void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Trying again may help: no answer, busy, or one has to sign in again first. */
const passes = ({ status, code }: Problem): boolean =>
  status === 0 || status >= 500 || status === 429 || status === 401 || code === "csrf";

export class MarkQueue {
  readonly waiting = signal<readonly Waiting[]>([]);
  /** Why the oldest has not gone through; null while nothing hinders. */
  readonly stuck = signal<Problem | null>(null);
  private pause = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private closed = false;

  constructor(
    private readonly to: To,
    before: readonly Waiting[] = [],
  ) {
    this.waiting.value = before;
    addEventListener("online", this.now);
    void this.work();
  }

  add(one: Waiting): void {
    this.set([...this.waiting.peek(), one]);
    void this.work();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.now);
  }

  /** Tries at once, say after signing in again. */
  readonly now = (): void => {
    clearTimeout(this.timer);
    void this.work();
  };

  private set(waiting: readonly Waiting[]): void {
    this.waiting.value = waiting;
    // Of a closed one the shelf is another's already.
    if (!this.closed) this.to.keep(waiting);
  }

  /** One after the other, in the order they were made: the later mark of a camera counts, and an incident follows its mark. */
  private async work(): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    for (let one = this.waiting.peek()[0]; one && !this.closed; one = this.waiting.peek()[0]) {
      try {
        await this.to.send(one);
        this.pause = FIRST_PAUSE_MS;
        this.stuck.value = null;
        this.set(this.waiting.peek().slice(1));
      } catch (err) {
        const problem = this.to.settle(err);
        if (passes(problem)) {
          this.stuck.value = problem;
          if (problem.status !== 401) this.later();
          break;
        }
        this.set(this.waiting.peek().slice(1));
        this.to.refused(problem, one);
      }
    }
    this.busy = false;
  }

  private later(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => void this.work(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}
