/** What was recorded of the cameras on the timeline, what was not and why, and what happened: as numbers, read where one looks. */

import { signal } from "@preact/signals";
import { hubNow } from "../api/hubclock";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import type { Lane, LaneMotion } from "../api/lanes";
import type { Recordings, RecordMode, Stream } from "../api/recordings";
import type { LabelGroup } from "../api/types";
import { laneOf } from "./lanebatch";
import { settle } from "./session";

export interface Span {
  from: number;
  to: number;
}

export interface Footage {
  /** What was read; beyond it nothing is known. */
  known: Span;
  spans: (Span & { why: "continuous" | "event"; playable: boolean; masked: boolean })[];
  gaps: (Span & { cause: string })[];
  holds: (Span & { number: string })[];
  streams: Stream[];
  mode: RecordMode;
  days: number;
  oldest: number | null;
  /** What is from before is not shown: a mask was drawn over part of it later. */
  hidden: number | null;
  offset: number | null;
  /** How many events, by the hour or day. */
  counts: Density[];
  /** How much moved; null where that is not told. */
  motion: Motion | null;
}

/** Of each bucket of `step` ms from `from` on, the share of it that was watched, and of that the share in which anything moved. */
export interface Motion extends Span {
  step: number;
  watched: Float32Array;
  moved: Float32Array;
}

/** What the hub tells at once. */
const MOST_MS = 31 * 86_400_000;
/** What is read at least, and how much more than is in sight. */
const LEAST_MS = 6 * 3_600_000;
const AROUND = 6;
/** What is being recorded is read again this often, from this long ago on. */
const AGAIN_MS = 60_000;
const TAIL_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const ends = (one: { from: string; to: string }): Span => ({ from: Date.parse(one.from), to: Date.parse(one.to) });

export function motionOf({ from, step_s, moved, watched }: LaneMotion): Motion {
  const [begin, step] = [Date.parse(from), step_s * 1000];
  return {
    from: begin,
    to: begin + step * moved.length,
    step,
    watched: Float32Array.from(watched, (one) => one / step_s),
    moved: Float32Array.from(moved, (one, n) => (watched[n]! > 0 ? one / watched[n]! : 0)),
  };
}

/** A lane as the hub tells it. */
export function laneFootage({ recordings, counts, motion }: Lane, bucket: "hour" | "day", known: Span): Footage {
  const step = bucket === "hour" ? HOUR_MS : DAY_MS;
  return {
    ...footageOf(recordings!, known),
    counts: counts.map((one) => ({ at: Date.parse(one.start), step, groups: one.by_group })),
    motion: motion === null ? null : motionOf(motion),
  };
}

export function footageOf(told: Recordings, known: Span): Footage {
  return {
    counts: [],
    motion: null,
    known,
    spans: told.spans.map((one) => ({ ...ends(one), why: one.why, playable: one.playable, masked: one.masked })),
    gaps: told.gaps.map((one) => ({ ...ends(one), cause: one.cause })),
    holds: told.holds.map((one) => ({ ...ends(one), number: one.case_number ?? one.request_number ?? "" })),
    streams: told.streams,
    mode: told.mode,
    days: told.days,
    oldest: told.oldest === null ? null : Date.parse(told.oldest),
    hidden: told.hidden_until === null ? null : Date.parse(told.hidden_until),
    offset: told.clock_offset_ms,
  };
}

/** What was read before, with its end as read anew. */
export function renewed(before: Footage, tail: Footage): Footage {
  const at = tail.known.from;
  const until = <T extends Span>(list: readonly T[]): T[] =>
    list.filter((one) => one.from < at).map((one) => (one.to > at ? { ...one, to: at } : one));
  return {
    ...tail,
    known: { from: before.known.from, to: tail.known.to },
    spans: joined([...until(before.spans), ...tail.spans]),
    gaps: [...until(before.gaps), ...tail.gaps],
    holds: [...until(before.holds), ...tail.holds],
    // A tail cuts its first bucket; these are read anew with the whole.
    counts: before.counts,
    motion: before.motion,
  };
}

/** The same, dated by so much later. */
export function moved(one: Footage, by: number): Footage {
  if (by === 0) return one;
  const span = <T extends Span>(it: T): T => ({ ...it, from: it.from + by, to: it.to + by });
  return {
    ...one,
    known: span(one.known),
    spans: one.spans.map(span),
    gaps: one.gaps.map(span),
    holds: one.holds.map(span),
    oldest: one.oldest === null ? null : one.oldest + by,
    hidden: one.hidden === null ? null : one.hidden + by,
    counts: one.counts.map((it) => ({ ...it, at: it.at + by })),
    motion: one.motion === null ? null : span(one.motion),
  };
}

/** Spans of a kind that touch are one. */
function joined(spans: Footage["spans"]): Footage["spans"] {
  const made: Footage["spans"] = [];
  for (const one of spans) {
    const last = made.at(-1);
    if (last && last.why === one.why && last.playable === one.playable && one.from - last.to <= 2_000) last.to = Math.max(last.to, one.to);
    else made.push({ ...one });
  }
  return made;
}

/** What holds at a moment. */
export function stateAt(one: Footage, at: number): { sort: "recorded" | "gap" | "hidden" | "none" | "unknown"; cause: string | null } {
  const holds = (span: Span): boolean => span.from <= at && at < span.to;
  if (one.spans.some(holds)) return { sort: "recorded", cause: null };
  const gap = one.gaps.find(holds);
  if (gap) return { sort: "gap", cause: gap.cause };
  if (one.hidden !== null && at < one.hidden) return { sort: "hidden", cause: null };
  return { sort: holds(one.known) ? "none" : "unknown", cause: null };
}

/** A little further than where one stands, when what stands there turned out to be nothing. */
const ON_MS = 250;

/** Where any of the cameras has something after a moment, or had before it. */
export function nextFootage(all: readonly Footage[], at: number, forward: boolean): number | null {
  const spans = all.flatMap((one) => one.spans);
  if (forward) {
    const found = spans.filter((one) => one.to > at + ON_MS).map((one) => Math.max(one.from, at + ON_MS));
    return found.length > 0 ? Math.min(...found) : null;
  }
  const found = spans.filter((one) => one.from < at - ON_MS).map((one) => Math.min(one.to - 1, at - ON_MS));
  return found.length > 0 ? Math.max(...found) : null;
}

/** The footage of one camera, kept around where one looks. */
export class FootageReader {
  readonly value = signal<Footage | null>(null);
  readonly problem = signal<Problem | null>(null);
  private stop = new AbortController();
  private busy = false;
  private wanted: Span | null = null;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly camera: string,
    private readonly stream: Stream,
  ) {
    this.timer = setInterval(() => void this.renew(), AGAIN_MS);
  }

  /**
   * Makes sure that a stretch is known, with some around it: the longer what is asked for, the longer the breaks that the
   * hub closes.
   */
  cover({ from, to }: Span, now = hubNow()): void {
    const known = this.value.peek()?.known;
    const length = Math.min(MOST_MS, Math.max(LEAST_MS, AROUND * (to - from)));
    const fine = known !== undefined && known.to - known.from <= 4 * length;
    if (fine && known.from <= from && Math.min(to, now) <= known.to + AGAIN_MS) return;
    const until = Math.min(now, (from + to + length) / 2);
    this.wanted = { from: until - length, to: until };
    void this.read();
  }

  /** What lies beyond what is known, in the direction one goes; null when it cannot be read. */
  beyond(at: number, forward: boolean): Promise<Footage | null> {
    return this.ask(forward ? { from: at, to: Math.min(at + MOST_MS, hubNow()) } : { from: at - MOST_MS, to: at });
  }

  again(): void {
    this.wanted ??= this.value.peek()?.known ?? null;
    void this.read();
  }

  close(): void {
    clearInterval(this.timer);
    this.stop.abort();
  }

  private async read(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.wanted !== null && !this.stop.signal.aborted) {
      const span: Span = this.wanted;
      this.wanted = null;
      const told = await this.ask(span);
      if (told !== null) this.value.value = told;
    }
    this.busy = false;
  }

  private async renew(): Promise<void> {
    const before = this.value.peek();
    if (this.busy || document.hidden || before === null || before.known.to < hubNow() - DAY_MS) return;
    const tail = await this.ask({ from: Math.max(before.known.from, before.known.to - TAIL_MS), to: hubNow() });
    // What was read meanwhile may be of another time: between the two nothing is known.
    if (tail !== null && this.value.peek() === before) this.value.value = renewed(before, tail);
  }

  /** To whole seconds, so that lanes that ask at once ask for the same. */
  private async ask(span: Span): Promise<Footage | null> {
    const from = Math.floor(span.from / 1_000) * 1_000;
    const to = Math.min(Math.ceil(span.to / 1_000) * 1_000, from + MOST_MS);
    try {
      const { lane, bucket } = await laneOf(this.camera, from, to, this.stream);
      if (this.stop.signal.aborted) return null;
      this.problem.value = null;
      return laneFootage(lane, bucket, { from, to });
    } catch (err) {
      if (!this.stop.signal.aborted) this.problem.value = settle(err);
      return null;
    }
  }
}

export interface Mark {
  id: string;
  at: number;
  to: number | null;
  group: LabelGroup;
  label: string;
}

export interface Density {
  at: number;
  step: number;
  groups: Partial<Record<LabelGroup, number>>;
}

/** Up to this length events are drawn one by one, beyond it, or where they are too many, as how many an hour or a day. */
export const ONE_BY_ONE_MS = 12 * HOUR_MS;
const MOST_MARKS = 200;

/** The events of cameras over a stretch, one by one in their order; null where they are too many. */
export async function marksOf(cameras: readonly string[], { from, to }: Span, until: AbortSignal): Promise<Mark[][] | null> {
  const query = new URLSearchParams(cameras.map((one) => ["camera", one]));
  query.set("since", new Date(from).toISOString());
  query.set("until", new Date(to).toISOString());
  query.set("limit", String(MOST_MARKS));
  const { events, next_cursor: more } = await api.searchEvents(query, until);
  if (more !== null) return null;
  return cameras.map((camera) =>
    events
      .filter((one) => one.camera_id === camera)
      .map((one) => ({
        id: one.id,
        at: Date.parse(one.started_at),
        to: one.ended_at === null ? null : Date.parse(one.ended_at),
        group: one.group,
        label: one.label,
      })),
  );
}

/** The first event after a moment, or the last before it, of any of the cameras. */
export async function besideEvent(cameras: readonly string[], at: number, by: 1 | -1, until: AbortSignal): Promise<Mark | null> {
  const query = new URLSearchParams(cameras.map((one) => ["camera", one]));
  query.set(by === 1 ? "since" : "until", new Date(at + (by === 1 ? 1 : -1)).toISOString());
  if (by === -1) query.set("since", new Date(at - MOST_MS).toISOString());
  query.set("order", by === 1 ? "oldest" : "newest");
  query.set("limit", "1");
  const [one] = (await api.searchEvents(query, until)).events;
  return one ? { id: one.id, at: Date.parse(one.started_at), to: null, group: one.group, label: one.label } : null;
}
