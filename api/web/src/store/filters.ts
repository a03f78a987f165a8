/** The filters of the event list: in the URL as the user set them, and as the hub's query. */

import { VERDICTS } from "../api/types";
import { parseClock, parseLocal, stamp } from "../i18n/time";

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Time spans one picks with a click, in hours. The hub looks 30 days back when none is given. */
export const LASTS = { "1h": 1, "24h": 24, "7d": 168 } as const;
export type Last = keyof typeof LASTS;

/** Lists: any of them. Exactly these names stand in the URL. */
export interface Filters {
  place: string[];
  camera: string[];
  group: string[];
  label: string[];
  kind: string[];
  rule: string[];
  verdict: string[];
  /** `latitude,longitude,metres`: only cameras in that circle. */
  near: string;
  score: string;
  /** Seconds a thing was in sight at least. */
  stays: string;
  /** Which way it crossed a line: `in` or `out`, as the line was drawn. */
  direction: string;
  last: string;
  since: string;
  until: string;
  night: string;
  order: string;
}

const LISTS = ["place", "camera", "group", "label", "kind", "rule", "verdict"] as const;
const NAMES = ["near", "score", "stays", "direction", "last", "since", "until", "night", "order"] as const;
/** What the hub takes of a list at once. */
export const MOST_CAMERAS = 100;
export const MOST_PLACES = 50;

/** What people said of an event, and that nobody said anything. */
export const SAID = [...VERDICTS, "none"] as const;

export function read(query: URLSearchParams): Filters {
  const found = {} as Filters;
  for (const name of LISTS) found[name] = [...new Set(query.getAll(name).filter(Boolean))];
  for (const name of NAMES) found[name] = query.get(name) ?? "";
  return found;
}

export function write(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of LISTS) for (const one of filters[name]) query.append(name, one);
  for (const name of NAMES) if (filters[name]) query.set(name, filters[name]);
  return query;
}

/** How many filters narrow the list; the order does not. */
export const count = (f: Filters): number =>
  LISTS.filter((name) => f[name].length > 0).length +
  NAMES.filter((name) => name !== "order" && name !== "until" && f[name]).length +
  (f.until && !f.since ? 1 : 0);

export interface Circle {
  lat: number;
  lon: number;
  radius_m: number;
}

const NEAR = /^(-?\d{1,2}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?),(\d{1,5}(?:\.\d+)?)$/;

export function circle(near: string): Circle | null {
  const found = NEAR.exec(near);
  if (!found) return null;
  const [lat, lon, radius_m] = found.slice(1).map(Number) as [number, number, number];
  const right = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && radius_m > 0 && radius_m <= 50_000;
  return right ? { lat, lon, radius_m } : null;
}

export const near = (one: Circle | null): string =>
  one ? `${one.lat.toFixed(6)},${one.lon.toFixed(6)},${Math.min(50_000, Math.max(1, Math.round(one.radius_m)))}` : "";

export function night(text: string): [string, string] | null {
  const [from, to] = text.split("-", 2);
  const a = parseClock(from ?? "");
  const b = parseClock(to ?? "");
  return a && b && a !== b ? [a, b] : null;
}

/**
 * The hub's query (`registry.events.EventQuery`). What the URL holds wrongly is left out here; the fields of the bar
 * say what is wrong with it.
 */
export function toQuery(f: Filters, now: number): URLSearchParams {
  const query = new URLSearchParams();
  const set = (name: string, value: string): void => {
    if (value) query.append(name, value);
  };
  for (const one of f.place.slice(0, MOST_PLACES)) set("place", one);
  for (const one of f.camera.slice(0, MOST_CAMERAS)) set("camera", one);
  for (const one of f.group) set("group", one);
  for (const one of f.label) set("label", one);
  for (const one of f.kind) set("kind", one);
  for (const one of f.rule) set("rule", one);
  for (const one of f.verdict) set("verdict", one);
  set("min_score", f.score);
  if (/^\d{1,5}$/.test(f.stays) && Number(f.stays) > 0) set("stays_s", f.stays);
  if (f.direction === "in" || f.direction === "out") set("direction", f.direction);
  const around = circle(f.near);
  if (around) {
    set("near", `${around.lat},${around.lon}`);
    set("radius_m", String(around.radius_m));
  }
  const hours = LASTS[f.last as Last];
  const since = hours ? new Date(now - hours * 3_600_000) : parseLocal(f.since);
  const until = hours ? null : parseLocal(f.until);
  if (since) set("since", since.toISOString());
  if (until) set("until", until.toISOString());
  const window = night(f.night);
  if (window) {
    set("night_from", window[0]);
    set("night_to", window[1]);
  }
  return query;
}

/** The night before a moment, from 22:00 to 04:30 of the villages' time, as typed. */
export function lastNight(now: number): { since: string; until: string } {
  const today = stamp(now).slice(0, 10);
  const end = parseLocal(`${today} 04:30`)!.getTime();
  const until = end <= now ? end : end - DAY;
  return { since: stamp(until - 6.5 * HOUR).slice(0, 16), until: stamp(until).slice(0, 16) };
}

/** A calendar day of the villages, `back` days ago, as typed. */
export function day(now: number, back: number): { since: string; until: string } {
  const since = stamp(now - back * DAY).slice(0, 10);
  return { since, until: back === 0 ? "" : stamp(parseLocal(since)!.getTime() + 26 * HOUR).slice(0, 10) };
}

/** The times a purpose reaches, in milliseconds; null without a limit. */
export interface Reached {
  since: number | null;
  until: number | null;
}

const ANY: Reached = { since: null, until: null };

/** Whether new events can still fall into the range. */
export function isOpenEnded(f: Filters, now: number, reached = ANY): boolean {
  const until = f.last ? null : parseLocal(f.until);
  return (until === null || until.getTime() > now) && (reached.until === null || reached.until > now);
}

/** Up to three days are drawn by the hour. */
const BY_HOUR = 3 * DAY;

export interface Axis {
  first: number;
  step: number;
  slots: number;
}

/** The histogram's time axis: the whole range the hub will search, from a full local hour or day. */
export function axis(f: Filters, now: number, reached = ANY): Axis {
  const hours = LASTS[f.last as Last];
  const end = hours ? now : (parseLocal(f.until)?.getTime() ?? now);
  const until = Math.min(end, reached.until ?? end);
  const unsaid = reached.since !== null && reached.until !== null ? reached.since : until - 30 * DAY;
  const begin = hours ? now - hours * HOUR : (parseLocal(f.since)?.getTime() ?? unsaid);
  const since = Math.min(Math.max(begin, reached.since ?? begin), until);
  const step = until - since <= BY_HOUR ? HOUR : DAY;
  const first = parseLocal(step === HOUR ? `${stamp(since).slice(0, 13)}:00` : stamp(since).slice(0, 10))!.getTime();
  return { first, step, slots: Math.max(1, Math.ceil((until - first) / step)) };
}
