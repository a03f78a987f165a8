/** What was recorded of the cameras on the timeline, what was not and why, and what happened: as numbers, read where one looks. */

import { signal } from "@preact/signals";
import { hubNow } from "../api/hubclock";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import { recordings, type Recordings, type RecordMode, type Stream } from "../api/recordings";
import type { LabelGroup } from "../api/types";
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
}

/** What the hub tells at once. */
const MOST_MS = 31 * 86_400_000;
/** What is read at least, and how much more than is in sight. */
const LEAST_MS = 6 * 3_600_000;
const AROUND = 6;
/** What is being recorded is read again this often, from this long ago on. */
const AGAIN_MS = 60_000;
const TAIL_MS = 900_000;
const DAY_MS = 86_400_000;

const ends = (one: { from: string; to: string }): Span => ({ from: Date.parse(one.from), to: Date.parse(one.to) });

export function footageOf(told: Recordings, known: Span): Footage {
  return {
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
  cover({ from, to }: Span): void {
    const now = hubNow();
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
    const known = this.value.peek();
    if (tail !== null && known !== null) this.value.value = renewed(known, tail);
  }

  private async ask({ from, to }: Span): Promise<Footage | null> {
    try {
      const told = await recordings(this.camera, from, to, this.stream, this.stop.signal);
      this.problem.value = null;
      return footageOf(told, { from, to });
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

export interface Happened {
  marks: Mark[];
  density: Density[];
}

const HOUR_MS = 3_600_000;
/** Up to this length events are drawn one by one, beyond it as how many an hour. */
export const ONE_BY_ONE_MS = 12 * HOUR_MS;
const MOST_MARKS = 200;
/** A density finer than this is asked by the hour, else by the day. */
const BY_HOUR_MS = 8 * 24 * HOUR_MS;

/** What a camera's timeline shows of events over a stretch. */
export async function happened(camera: string, { from, to }: Span, until: AbortSignal): Promise<Happened> {
  const query = new URLSearchParams({ camera, since: new Date(from).toISOString(), until: new Date(to).toISOString() });
  if (to - from <= ONE_BY_ONE_MS) {
    query.set("limit", String(MOST_MARKS));
    const { events } = await api.searchEvents(query, until);
    return {
      marks: events.map((one) => ({
        id: one.id,
        at: Date.parse(one.started_at),
        to: one.ended_at === null ? null : Date.parse(one.ended_at),
        group: one.group,
        label: one.label,
      })),
      density: [],
    };
  }
  const hourly = to - from <= BY_HOUR_MS;
  query.set("bucket", hourly ? "hour" : "day");
  const step = hourly ? HOUR_MS : 24 * HOUR_MS;
  const buckets = await api.histogram(query, until);
  return { marks: [], density: buckets.map((one) => ({ at: Date.parse(one.start), step, groups: one.by_group })) };
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
