/** Going through a patrol's cameras: where one is, how long one stays, and which comes next. Pure; times are monotonic, ms. */

export interface Tour {
  at: number;
  /** Spent at this camera before it was held last. */
  spent: number;
  /** Since when the time runs; null while it is held. */
  since: number | null;
}

export const begin = (at: number, now: number): Tour => ({ at, spent: 0, since: now });

/** The time stands still: somebody paused, writes, or does not look. */
export const hold = (tour: Tour, now: number): Tour =>
  tour.since === null ? tour : { ...tour, spent: tour.spent + now - tour.since, since: null };

export const goOn = (tour: Tour, now: number): Tour => (tour.since === null ? { ...tour, since: now } : tour);

/** To another camera, with its whole time; what was held stays held. */
export const moveTo = (tour: Tour, at: number, now: number): Tour => ({ at, spent: 0, since: tour.since === null ? null : now });

/** What is left of the stay, never below nought. */
export const left = (tour: Tour, dwellMs: number, now: number): number =>
  Math.max(0, dwellMs - tour.spent - (tour.since === null ? 0 : now - tour.since));

/** The next camera nobody marked yet, going round; null when all are. */
export function nextOpen(marked: readonly boolean[], at: number): number | null {
  for (let step = 1; step <= marked.length; step += 1) {
    const next = (at + step) % marked.length;
    if (!marked[next]) return next;
  }
  return null;
}

/** The camera shown and those that come after it, `most` in all, without one twice. */
export function ahead(marked: readonly boolean[], at: number, most: number): number[] {
  const shown = [at];
  for (let next = nextOpen(marked, at); shown.length < most && next !== null; ) {
    if (shown.includes(next)) break;
    shown.push(next);
    next = nextOpen(marked, next);
  }
  return shown;
}
