/** What was recorded of a camera, tickets to play it, clips to take away, gaps, and what is held for a case. */

import { ask, offline, request } from "./client";
import { readLines } from "./register";

export const STREAMS = ["sub", "main"] as const;
export type Stream = (typeof STREAMS)[number];

export const RECORD_MODES = ["continuous", "on_event", "none"] as const;
export type RecordMode = (typeof RECORD_MODES)[number];

export const RECORD_STREAMS = ["sub", "main", "both"] as const;

export interface RecordedSpan {
  from: string;
  to: string;
  why: "continuous" | "event";
  codec: string;
  playable: boolean;
  masked: boolean;
}

/** What should have been recorded and was not. */
export interface RecordingGap {
  from: string;
  to: string;
  cause: string;
}

export interface HeldSpan {
  from: string;
  to: string;
  /** For a case, or for a request to see it. */
  case_number: string | null;
  request_number: string | null;
  expires_at: string;
}

export interface Recordings {
  camera_id: string;
  stream: Stream;
  streams: Stream[];
  spans: RecordedSpan[];
  gaps: RecordingGap[];
  holds: HeldSpan[];
  mode: RecordMode;
  days: number;
  oldest: string | null;
  /** What is from before is not shown: a mask was drawn over part of it later. */
  hidden_until: string | null;
  clock_offset_ms: number | null;
}

export type Damage = "cut" | "corrupt" | "missing";

export interface PlayedSegment {
  started_at: string;
  ended_at: string | null;
  codec: string;
  /** As MediaSource names it; null when no browser plays it. */
  mime: string | null;
  width: number;
  height: number;
  bytes: number;
  damage: Damage | null;
  clock_offset_ms: number | null;
  url: string;
  picture_url: string;
}

export interface PlayedCamera {
  camera_id: string;
  /** Why nothing of it may be played. */
  refused: string | null;
  segments: PlayedSegment[];
}

export interface Playback {
  cameras: PlayedCamera[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** At most 31 days. */
export const recordings = (camera: string, from: number, to: number, stream: Stream, signal?: AbortSignal): Promise<Recordings> =>
  ask("GET", `/cameras/${camera}/recordings?${new URLSearchParams({ from: iso(from), to: iso(to), stream })}`, undefined, signal);

/** Tickets of five minutes for what was recorded between two moments, at most six hours apart. */
export const openPlayback = (cameras: readonly string[], from: number, to: number, stream: Stream): Promise<Playback> =>
  ask("POST", "/playbacks", { cameras, from: iso(from), to: iso(to), stream });

export interface Clip {
  id: string;
  name: string;
  url: string;
  bytes: number;
  /** The true cut, on keyframes. */
  from: string;
  to: string;
  /** What is missing inside it. */
  gaps: { from: string; to: string; cause: string | null }[];
  segments: number;
  damaged: number;
  digest: string;
}

export interface ClipOrder {
  camera: string;
  from: number;
  to: number;
  stream: Stream;
}

const CLIP_PATIENCE_MS = 600_000;

/** Has the hub cut a clip; `stepped` hears how far it is. */
export const makeClip = (
  { camera, from, to, stream }: ClipOrder,
  stepped: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Clip> =>
  request("POST", "/clips", (answer) => readClip(answer, stepped), {
    body: { camera_id: camera, from: iso(from), to: iso(to), stream },
    signal,
    patienceMs: CLIP_PATIENCE_MS,
  });

type Line = { done: number; total: number } | { clip: Clip };

async function readClip(answer: Response, stepped: (done: number, total: number) => void): Promise<Clip> {
  let clip: Clip | null = null;
  await readLines<Line>(answer, (line) => {
    if ("clip" in line) clip = line.clip;
    else stepped(line.done, line.total);
  });
  if (clip === null) throw offline();
  return clip;
}

/** One stream of a camera over a span; `rate` is null where nothing was due. */
export interface CameraGaps {
  camera_id: string;
  name: string;
  village_code: string;
  village_name: string;
  stream: Stream;
  mode: RecordMode;
  due_s: number;
  recorded_s: number;
  rate: number | null;
  gaps: number;
  longest_s: number;
  open: { since: string; cause: string } | null;
}

export interface Gap {
  stream: Stream;
  since: string;
  until: string;
  seconds: number;
  cause: string;
  /** It is not over. */
  lasts: boolean;
}

export interface GapReport {
  since: string;
  until: string;
  cameras: CameraGaps[];
  totals: { streams: number; due_s: number; recorded_s: number; rate: number | null; gaps: number; open: number };
  /** Seconds by cause. */
  causes: Record<string, number>;
  /** The gaps of the one camera asked for, newest first. */
  listed: Gap[];
  next_cursor: number | null;
}

export interface GapFilter {
  since: number;
  prefix?: string;
  cause?: string;
  camera?: string;
  cursor?: number;
}

export function gapReport({ since, ...rest }: GapFilter, signal?: AbortSignal): Promise<GapReport> {
  const query = new URLSearchParams({ since: iso(since), limit: "1000" });
  for (const [name, value] of Object.entries(rest)) if (value !== "" && value !== undefined) query.set(name, String(value));
  return ask("GET", `/recordings/gaps?${query}`, undefined, signal);
}

/** Why footage is missing, as `registry/recordings/model.py` has it. */
export const GAP_CAUSES = [
  "unreachable",
  "rejected",
  "unsupported",
  "stalled",
  "worker_down",
  "error",
  "starting",
  "disk_full",
  "disk_slow",
  "disk_error",
  "codec",
  "hub_down",
  "clock_set",
  "lost",
] as const;

export interface Hold {
  id: string;
  case_id: string;
  case_number: string;
  from: string;
  to: string;
  expires_at: string;
  reason: string;
  /** What placed it: somebody, the case's report, or a bookmark. */
  origin: "person" | "report" | "bookmark";
  created_by: string;
  created_at: string;
  released_at: string | null;
  released_by: string;
  /** It keeps something from being deleted. */
  active: boolean;
  cameras: { camera_id: string; name: string; village_code: string }[];
  /** How many cameras of it lie outside one's villages. */
  others: number;
}

export interface NewHold {
  camera_ids: string[];
  from: string;
  to: string;
  expires_at: string;
  reason: string;
}

export const listHolds = async (caseId: string, signal?: AbortSignal): Promise<Hold[]> =>
  (await ask<{ holds: Hold[] }>("GET", `/holds?case=${encodeURIComponent(caseId)}`, undefined, signal)).holds;

/** Of every case one may know of. */
export const listAllHolds = async (signal?: AbortSignal): Promise<Hold[]> => (await ask<{ holds: Hold[] }>("GET", "/holds", undefined, signal)).holds;

export const createHold = (caseId: string, made: NewHold): Promise<Hold> => ask("POST", `/cases/${caseId}/holds`, made);

export const releaseHold = (id: string, reason: string): Promise<unknown> => ask("DELETE", `/holds/${id}?${new URLSearchParams({ reason })}`);

export interface RecordingUsage {
  bytes: number;
  quota_bytes: number;
  held_bytes: number;
  oldest: string | null;
  cameras: number;
  writing: number;
  days_left_estimate: number | null;
}

export const recordingUsage = (signal?: AbortSignal): Promise<RecordingUsage> => ask("GET", "/recordings/usage", undefined, signal);
