import type { MotionChange, MotionHit } from "../../../../api/motion";

/** A hit is told by its camera and begin. */
export const keyOf = (one: { camera_id: string; from: string }): string => `${one.camera_id} ${one.from}`;

/** The hits in the hub's order of their changes; one that it does not name stays behind the others. */
export function arranged(hits: readonly MotionHit[], changes: readonly MotionChange[]): MotionHit[] {
  const place = new Map(changes.map((one, n) => [keyOf(one), n]));
  return [...hits].sort((a, b) => (place.get(keyOf(a)) ?? changes.length) - (place.get(keyOf(b)) ?? changes.length));
}
