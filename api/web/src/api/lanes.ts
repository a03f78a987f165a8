/** Lanes: the timelines of several cameras side by side, in one answer. */

import { ask } from "./client";
import type { Recordings, Stream } from "./recordings";
import type { LabelGroup } from "./types";

export interface LaneCount {
  start: string;
  by_group: Partial<Record<LabelGroup, number>>;
}

/** Of each bucket from `from` on: seconds in which anything moved, of those watched. Where nobody watched, nothing is known. */
export interface LaneMotion {
  from: string;
  step_s: number;
  moved: number[];
  watched: number[];
}

export interface Lane {
  camera_id: string;
  refused: string | null;
  recordings: Recordings | null;
  counts: LaneCount[];
  motion: LaneMotion | null;
}

export interface Lanes {
  lanes: Lane[];
  bucket: "hour" | "day";
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** At most twelve cameras and 31 days. */
export function lanes(cameras: readonly string[], from: number, to: number, stream: Stream, signal?: AbortSignal): Promise<Lanes> {
  const query = new URLSearchParams({ from: iso(from), to: iso(to), stream });
  for (const one of cameras) query.append("camera", one);
  return ask("GET", `/lanes?${query}`, undefined, signal);
}
