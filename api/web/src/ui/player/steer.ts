/** Keeps a video on the clock that all cameras share: small drift is played away, large drift is jumped over. */

/** Browsers play no faster and no slower than these. */
export const FASTEST = 16;
const SLOWEST = 0.0625;
/** Drift that nobody sees, in seconds of the clock on the wall. */
const CLOSE_S = 0.015;
/** From here on a jump is less disturbing than chasing. */
const FAR_S = 0.4;
/** How much of the drift is played away in a second, and the most that speed may change for it. */
const PULL = 1.5;
const MOST = 0.25;

export type Steered = { rate: number } | { seek: true };

/**
 * `drift` is how far the video is ahead of the clock, in seconds of the recording; `rate` how fast the clock runs.
 * At 16× a second of the recording is a sixteenth of a second to him who looks, and counts as little.
 */
export function steer(drift: number, rate: number): Steered {
  const seen = drift / Math.max(1, rate);
  if (Math.abs(seen) > FAR_S) return { seek: true };
  if (Math.abs(seen) < CLOSE_S) return { rate };
  const change = Math.max(-MOST, Math.min(MOST, seen * PULL));
  return { rate: Math.max(SLOWEST, Math.min(FASTEST, rate * (1 - change))) };
}
