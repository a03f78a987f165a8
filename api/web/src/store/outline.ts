/** Outlines as the hub judges them (registry/scenes.py): refused here while they are drawn, not when they are saved. */

import type { Point } from "../api/register";

/** Share of the picture below which an outline is a stroke, not an area. */
const LEAST_AREA = 1e-6;
export const LEAST_CORNERS = 3;
export const MOST_CORNERS = 64;

export type OutlineFault = "self_intersection" | "area" | "corners";

/** Twice the signed area of the triangle a, b, c. */
const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** Whether c, on the line through a and b, lies between them. */
const isOn = (a: Point, b: Point, c: Point): boolean =>
  Math.min(a[0], b[0]) <= c[0] &&
  c[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= c[1] &&
  c[1] <= Math.max(a[1], b[1]);

/** Whether the closed segments ab and cd have a point in common. */
export function segmentsMeet(a: Point, b: Point, c: Point, d: Point): boolean {
  const [t1, t2, t3, t4] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (t1 > 0 !== t2 > 0 && t3 > 0 !== t4 > 0 && t1 !== 0 && t2 !== 0 && t3 !== 0 && t4 !== 0) return true;
  return (
    (t1 === 0 && isOn(a, b, c)) || (t2 === 0 && isOn(a, b, d)) || (t3 === 0 && isOn(c, d, a)) || (t4 === 0 && isOn(c, d, b))
  );
}

const same = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1];

/** Whether going on from ab to c folds back over ab. */
const foldsBack = (a: Point, b: Point, c: Point): boolean =>
  turn(a, b, c) === 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;

/** Whether a closed outline neither crosses nor touches itself, and no corner is doubled or folds back. */
export function isSimple(points: readonly Point[]): boolean {
  const count = points.length;
  const at = (index: number): Point => points[index % count]!;
  for (let i = 0; i < count; i += 1) {
    const [a, b] = [at(i), at(i + 1)];
    if (same(a, b) || foldsBack(a, b, at(i + 2))) return false;
    for (let j = i + 2; j < count; j += 1)
      if ((j + 1) % count !== i && segmentsMeet(a, b, at(j), at(j + 1))) return false;
  }
  return true;
}

/** The outline's area in shares of the picture (shoelace formula). */
export function area(points: readonly Point[]): number {
  let sum = 0;
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!;
    sum += a[0] * b[1] - b[0] * a[1];
  });
  return Math.abs(sum) / 2;
}

/** What the hub would refuse of a closed outline; null when nothing. */
export function outlineFault(points: readonly Point[]): OutlineFault | null {
  if (points.length < LEAST_CORNERS || points.length > MOST_CORNERS) return "corners";
  if (!isSimple(points)) return "self_intersection";
  return area(points) < LEAST_AREA ? "area" : null;
}

/** Whether one more corner can follow an open outline without crossing it. */
export function canFollow(points: readonly Point[], next: Point): boolean {
  const last = points.at(-1);
  if (last === undefined) return true;
  if (points.length >= MOST_CORNERS || same(last, next)) return false;
  const before = points.at(-2);
  if (before !== undefined && foldsBack(before, last, next)) return false;
  return points.slice(0, -2).every((a, i) => !segmentsMeet(a, points[i + 1]!, last, next));
}

/** A share of the picture, to a ten-thousandth: finer than any pixel, and short to read. */
export const share = (value: number): number => Math.round(Math.max(0, Math.min(1, value)) * 10_000) / 10_000;

/** Halfway between two corners, where another one may come. */
export const middle = (a: Point, b: Point): Point => [share((a[0] + b[0]) / 2), share((a[1] + b[1]) / 2)];
