/** The motion index: where in pictures something moved, and how much of the time somebody watched. */

import { ask, offline, request } from "./client";
import { type Point, readLines } from "./register";

export const MOST_CAMERAS = 12;
export const MOST_DAYS = 31;
export const MOST_CELLS = 60;

export interface Region {
  camera_id: string;
  /** In shares of the picture; null: all of it. */
  outline: Point[] | null;
}

export interface MotionSearch {
  cameras: Region[];
  from: string;
  to: string;
  from_minute: number | null;
  to_minute: number | null;
  least_cells: number;
  noisy: boolean;
  order: "rare" | "time";
  limit: number;
}

export type Unwatched =
  | "beyond"
  | "no_consent"
  | "masked"
  | "to_come"
  | "gap"
  | "flash"
  | "lost"
  | "damaged"
  | "gone"
  | "hub_down"
  | "starting"
  | "unreachable"
  | "rejected"
  | "unsupported"
  | "stalled"
  | "outside_hours"
  | "disabled"
  | "placement_incomplete"
  | "masks_missing"
  | "no_video"
  | "worker_down"
  | "error"
  | "black"
  | "covered"
  | "frozen"
  | "not_analysed";

export interface UnwatchedSpan {
  from: string;
  to: string;
  reason: Unwatched;
}

export interface ViewTurn {
  at: string;
  what: "view" | "scene";
}

/** Seconds: `wanted_s` is `watched_s` and all of `reasons` together. */
export interface WatchedPart {
  wanted_s: number;
  watched_s: number;
  thin_s: number;
  reasons: Partial<Record<Unwatched, number>>;
  unwatched: UnwatchedSpan[];
  turns: ViewTurn[];
}

export interface MotionHit {
  camera_id: string;
  from: string;
  to: string;
  seconds: number;
  cells: number;
  usual: number | null;
  event: { id: string; label: string; group: string } | null;
}

export interface MotionCamera {
  camera_id: string;
  refused: string | null;
  hits: number;
  cells: number;
  dark: number;
  noisy: number;
  /** 18 rows of 32 cells, the leftmost the highest bit. */
  dark_rows: number[];
  noisy_rows: number[];
  watched: WatchedPart;
}

export interface MotionAnswer {
  from: string;
  to: string;
  total: number;
  hits: MotionHit[];
  cameras: MotionCamera[];
}

export type ChangeState = "changed" | "same" | "unknown";
export type ChangeWhy = "withheld" | "no_picture" | "few" | "masked" | "scene" | "light" | "restless" | "large";

/** A small picture next to a hit, ms since 1970; its address holds for five minutes. */
export interface PictureBeside {
  at: number;
  url: string;
}

/** Whether the region looked different after a hit, told by its camera and begin. */
export interface MotionChange {
  camera_id: string;
  from: string;
  state: ChangeState;
  score: number | null;
  why: ChangeWhy | null;
  before: PictureBeside | null;
  after: PictureBeside | null;
}

export interface UncomparedCamera {
  camera_id: string;
  refused: string;
}

/** What changed first, by how much; then the others in the order asked. */
export interface MotionChanges {
  changes: MotionChange[];
  refused: UncomparedCamera[];
}

/** Seconds with motion, and seconds watched, in buckets of `step_s`; where none was watched, "nothing moved" is not known. */
export interface MotionDensity {
  camera_id: string;
  from: string;
  to: string;
  step_s: number;
  moved: number[];
  watched: number[];
  part: WatchedPart;
}

export const searchMotion = (asked: MotionSearch, signal?: AbortSignal): Promise<MotionAnswer> =>
  ask("POST", "/motion/search", asked, signal);

const PATIENCE_MS = 60_000; // a thousand hits between a thousand pictures

/** So many of so many hits were gone through. */
export interface Comparing {
  done: number;
  total: number;
}

/** `stepped` hears how far it is. */
export const compareHits = (
  cameras: Region[],
  hits: readonly MotionHit[],
  stepped: (step: Comparing) => void,
  signal?: AbortSignal,
): Promise<MotionChanges> => {
  const asked = hits.map(({ camera_id, from, to }) => ({ camera_id, from, to }));
  return request("POST", "/motion/changes", (answer) => readChanges(answer, stepped), {
    body: { cameras, hits: asked },
    signal,
    patienceMs: PATIENCE_MS,
  });
};

async function readChanges(answer: Response, stepped: (step: Comparing) => void): Promise<MotionChanges> {
  let found: MotionChanges | null = null;
  await readLines<Comparing | MotionChanges>(answer, (line) => {
    if ("changes" in line) found = line;
    else stepped(line);
  });
  if (found === null) throw offline();
  return found;
}

/** At most 31 days, in at most so many buckets. */
export const readDensity = (camera: string, from: string, to: string, buckets: number, signal?: AbortSignal): Promise<MotionDensity> =>
  ask("GET", `/cameras/${camera}/motion?${new URLSearchParams({ from, to, buckets: String(buckets) })}`, undefined, signal);
