/** The filters of the event list: in the URL as the user set them, and as the hub's query. */

import { parseClock, parseLocal, stamp } from "../i18n/time";

/** Time spans one picks with a click, in hours. The hub looks 30 days back when none is given. */
export const LASTS = { "1h": 1, "24h": 24, "7d": 168 } as const;
export type Last = keyof typeof LASTS;

/** Single values by name; `group` alone is a list. Exactly these names stand in the URL. */
export interface Filters {
  place: string;
  camera: string;
  group: string[];
  label: string;
  kind: string;
  rule: string;
  score: string;
  last: string;
  since: string;
  until: string;
  night: string;
  order: string;
}

const NAMES = ["place", "camera", "label", "kind", "rule", "score", "last", "since", "until", "night", "order"] as const;

export function read(query: URLSearchParams): Filters {
  const found = { group: query.getAll("group") } as Filters;
  for (const name of NAMES) found[name] = query.get(name) ?? "";
  return found;
}

export function write(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) query.set(name, filters[name]);
  for (const one of filters.group) query.append("group", one);
  return query;
}

/** How many filters narrow the list; the order does not. */
export const count = (f: Filters): number =>
  NAMES.filter((name) => name !== "order" && name !== "until" && f[name]).length +
  (f.group.length > 0 ? 1 : 0) +
  (f.until && !f.since ? 1 : 0);

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
  set("place", f.place);
  set("camera", f.camera);
  for (const one of f.group) set("group", one);
  set("label", f.label.trim());
  set("kind", f.kind);
  set("rule", f.rule.trim());
  set("min_score", f.score);
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

/** Whether new events can still fall into the range. */
export function isOpenEnded(f: Filters, now: number): boolean {
  const until = f.last ? null : parseLocal(f.until);
  return until === null || until.getTime() > now;
}

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Up to three days are drawn by the hour. */
const BY_HOUR = 3 * DAY;

export interface Axis {
  first: number;
  step: number;
  slots: number;
}

/** The histogram's time axis: the whole range the hub will search, from a full local hour or day. */
export function axis(f: Filters, now: number): Axis {
  const hours = LASTS[f.last as Last];
  const until = hours ? now : (parseLocal(f.until)?.getTime() ?? now);
  const since = hours ? now - hours * HOUR : (parseLocal(f.since)?.getTime() ?? until - 30 * DAY);
  const step = until - since <= BY_HOUR ? HOUR : DAY;
  const first = parseLocal(step === HOUR ? `${stamp(since).slice(0, 13)}:00` : stamp(since).slice(0, 10))!.getTime();
  return { first, step, slots: Math.max(1, Math.ceil((until - first) / step)) };
}
