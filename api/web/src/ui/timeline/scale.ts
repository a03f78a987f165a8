/** Which stretch of time is in sight, and where its moments lie on so many pixels. Times are ms since 1970, UTC. */

export interface View {
  from: number;
  to: number;
}

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const SHORTEST = SECOND;
export const LONGEST = 30 * DAY;

export const spanOf = ({ from, to }: View): number => to - from;

export const xOf = (view: View, width: number, at: number): number => ((at - view.from) / (view.to - view.from)) * width;

export const atX = (view: View, width: number, x: number): number => view.from + (x / width) * (view.to - view.from);

/** As wide around a moment that stays where it is; `by` above 1 shows more. */
export function zoomed(view: View, by: number, around: number): View {
  const span = Math.max(SHORTEST, Math.min(LONGEST, spanOf(view) * by));
  const share = (around - view.from) / spanOf(view);
  return { from: around - share * span, to: around + (1 - share) * span };
}

export const moved = (view: View, by: number): View => ({ from: view.from + by, to: view.to + by });

/** The same length with the moment in its middle. */
export function centred(view: View, at: number, span = spanOf(view)): View {
  const kept = Math.max(SHORTEST, Math.min(LONGEST, span));
  return { from: at - kept / 2, to: at + kept / 2 };
}

/** Not further into the future than a tenth of what is in sight. */
export function held(view: View, now: number): View {
  const over = view.to - (now + spanOf(view) / 10);
  return over > 0 ? moved(view, -over) : view;
}

/** Moved as little as brings a moment into sight, with some room before and behind it. */
export function following(view: View, at: number): View {
  const room = spanOf(view) / 20;
  if (at > view.to - room) return moved(view, at - view.from - 2 * room);
  if (at < view.from + room) return moved(view, at - view.to + 2 * room);
  return view;
}

const STEPS = [
  SECOND / 10,
  SECOND / 5,
  SECOND / 2,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
] as const;

export interface Tick {
  at: number;
  /** A local day begins here. */
  day: boolean;
}

/** Marks of round local times, none nearer than `room` pixels to the next. `ahead` is the zone's, in ms. */
export function ticks(view: View, width: number, room: number, ahead: number): { step: number; ticks: Tick[] } {
  const least = (spanOf(view) / Math.max(1, width)) * room;
  const step = STEPS.find((one) => one >= least) ?? 7 * DAY;
  const found: Tick[] = [];
  for (let at = Math.ceil((view.from + ahead) / step) * step - ahead; at <= view.to; at += step)
    found.push({ at, day: (at + ahead) % DAY === 0 });
  return { step, ticks: found };
}

export const ZOOMS = { "1m": MINUTE, "10m": 10 * MINUTE, "1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "7d": 7 * DAY, "30d": LONGEST } as const;
export type Zoom = keyof typeof ZOOMS;
