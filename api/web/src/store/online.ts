/** The online rate over the span that stands in the address, read again each minute while somebody looks. */

import { effect, signal } from "@preact/signals";
import type { Problem } from "../api/client";
import * as api from "../api/upkeep";
import type { CameraOnline, Online } from "../api/upkeep";
import { parseLocal, stamp } from "../i18n/time";
import { session, settle } from "./session";

export const SPANS = ["24h", "7d", "30d", "month", "own"] as const;
export type Span = (typeof SPANS)[number];

export interface Chosen {
  span: Span;
  /** Days as typed, `2026-11-23`, for a span of one's own; the last one is part of it. */
  from: string;
  to: string;
}

export const online = signal<Online | null>(null);
export const trouble = signal<Problem | null>(null);
export const reading = signal(false);

effect(() => {
  if (session.value !== null) return;
  online.value = null;
  trouble.value = null;
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const EVERY_MS = 60_000;
/** As the hub has it. */
export const MOST_DAYS = 400;

export function chosen(query: URLSearchParams): Chosen {
  const span = SPANS.find((one) => one === query.get("span")) ?? "7d";
  return { span, from: query.get("from") ?? "", to: query.get("to") ?? "" };
}

export function written({ span, from, to }: Chosen): URLSearchParams {
  return new URLSearchParams(span === "own" ? { span, from, to } : { span });
}

/** From when until when (null: now); null where the days of a span of one's own make none. */
export function bounds({ span, from, to }: Chosen, now: number): { since: Date; until: Date | null } | null {
  switch (span) {
    case "24h":
      return { since: new Date(now - DAY), until: null };
    case "7d":
      return { since: new Date(now - 7 * DAY), until: null };
    case "30d":
      return { since: new Date(now - 30 * DAY), until: null };
    case "month":
      return { since: parseLocal(`${stamp(now).slice(0, 7)}-01`)!, until: null };
    case "own": {
      const since = parseLocal(from);
      const last = parseLocal(to);
      if (!since || !last) return null;
      const end = last.getTime() + DAY;
      const until = end >= now ? null : new Date(end);
      const length = (until?.getTime() ?? now) - since.getTime();
      return length > 0 && length <= MOST_DAYS * DAY ? { since, until } : null;
    }
  }
}

/** Reads until the returned function is called; a hidden tab rests. */
export function follow(what: Chosen): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async (): Promise<void> => {
    const over = bounds(what, Date.now());
    if (over && !document.hidden) {
      reading.value = true;
      try {
        online.value = await api.online(over.since, over.until, stop.signal);
        trouble.value = null;
      } catch (err) {
        if (!stop.signal.aborted) trouble.value = settle(err);
      }
      if (!stop.signal.aborted) reading.value = false;
    }
    if (!stop.signal.aborted) timer = setTimeout(round, EVERY_MS);
  };
  void round();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

/** What somebody has to look after, the longest down first, then pictures that show nothing. */
export function down(cameras: readonly CameraOnline[]): CameraOnline[] {
  const since = (one: CameraOnline): string => one.down_since ?? one.picture_since ?? "";
  return cameras
    .filter((one) => one.down_since !== null || one.picture !== null)
    .sort((a, b) => Number(a.down_since === null) - Number(b.down_since === null) || (since(a) < since(b) ? -1 : 1));
}

export const SORTS = ["place", "name", "rate", "outages", "longest", "offline"] as const;
export type Sort = (typeof SORTS)[number];

export interface Line {
  id: string;
  place: string;
  name: string;
  rate: number | null;
  offline_s: number;
  outages: number;
  longest_s: number;
}

/** Lines in the order of a column; what has no rate stands last either way. */
export function sorted(lines: readonly Line[], by: Sort, descending: boolean): Line[] {
  const key = (one: Line): number | string =>
    ({ place: one.place, name: one.name, rate: one.rate ?? 0, outages: one.outages, longest: one.longest_s, offline: one.offline_s })[by];
  const compare = (a: Line, b: Line): number => {
    if (by === "rate" && (a.rate === null) !== (b.rate === null)) return a.rate === null ? 1 : -1;
    const [x, y] = [key(a), key(b)];
    const order = typeof x === "number" ? x - (y as number) : x.localeCompare(y as string, "zh-CN");
    return descending ? -order : order;
  };
  return [...lines].sort(compare);
}

/** One cell of a CSV file; what a spreadsheet would run as a formula is marked as text. */
export function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
