/** What of the register is shown, as it stands in the address, and as the hub is asked for it. */

import type { Looked, Sort } from "../api/audit";
import { SORTS } from "../api/audit";
import { parseLocal, stamp } from "../i18n/time";

export const PARTS = ["rows", "looks", "live", "misuse", "proof"] as const;
export type Part = (typeof PARTS)[number];

const DAY = 86_400_000;
/** Days shown where none are chosen. */
const DAYS = 30;
/** As the hub has it. */
export const MOST_DAYS = 92;

export interface Asked {
  /** Days as typed, `2026-11-23`; the last one is part of it. */
  from: string;
  to: string;
  user: string;
  /** Id. */
  camera: string;
  sort: Sort | "";
  case: string;
  /** Only what found nothing. */
  vain: boolean;
}

const day = (at: number): string => stamp(at).slice(0, 10);

export function asked(query: URLSearchParams, now: number): Asked {
  const told = (name: string): string => query.get(name)?.trim().slice(0, 64) ?? "";
  return {
    from: told("from") || day(now - (DAYS - 1) * DAY),
    to: told("to") || day(now),
    user: told("user"),
    camera: told("camera"),
    sort: SORTS.find((one) => one === told("sort")) ?? "",
    case: told("case"),
    vain: told("vain") !== "",
  };
}

/** As it stands in the address: days as they come by themselves are left out, so that a link stays true tomorrow. */
export function written(what: Asked, now: number): URLSearchParams {
  const plain = asked(new URLSearchParams(), now);
  const query = new URLSearchParams();
  for (const name of ["from", "to", "user", "camera", "sort", "case"] as const)
    if (what[name] !== "" && what[name] !== plain[name]) query.set(name, what[name]);
  if (what.vain) query.set("vain", "1");
  return query;
}

/** The span in the hub's words; null where the days make none. */
export function bounds({ from, to }: Asked): { since: string; until: string } | null {
  const [first, last] = [parseLocal(from), parseLocal(to)];
  if (!first || !last) return null;
  const until = last.getTime() + DAY;
  if (until <= first.getTime() || until - first.getTime() > MOST_DAYS * DAY) return null;
  return { since: first.toISOString(), until: new Date(until).toISOString() };
}

/** What the hub is asked, with only those of the filters that a part knows. */
export function toQuery(what: Asked, names: readonly (keyof Asked)[]): URLSearchParams {
  const query = new URLSearchParams(bounds(what) ?? {});
  for (const name of names) {
    const value = what[name];
    if (value === true) query.set(name, "true");
    else if (typeof value === "string" && value !== "") query.set(name, value);
  }
  return query;
}

export const FILTERS = ["user", "camera", "sort", "case", "vain"] as const;

export type Column = "who" | Sort | "seconds" | "vain" | "last";

const KEYS: Record<Exclude<Column, Sort>, (one: Looked) => string | number> = {
  who: (one) => `${one.user} ${one.camera_name}`,
  seconds: (one) => one.live_seconds,
  vain: (one) => one.vain,
  last: (one) => one.last_at,
};

export function sorted(rows: readonly Looked[], by: Column, descending: boolean): Looked[] {
  const key = by in KEYS ? KEYS[by as keyof typeof KEYS] : (one: Looked) => one.by_sort[by as Sort] ?? 0;
  const order = (a: Looked, b: Looked): number => {
    const [x, y] = [key(a), key(b)];
    return typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y);
  };
  return [...rows].sort((a, b) => (descending ? order(b, a) : order(a, b)));
}

/** Every day of the span, those without rows too, for bars. */
export function everyDay<T extends { start: string }>(days: readonly T[], what: Asked): { day: string; of: T | null }[] {
  const known = new Map(days.map((one) => [day(Date.parse(one.start)), one]));
  const span = bounds(what);
  if (!span) return [];
  const found: { day: string; of: T | null }[] = [];
  for (let at = Date.parse(span.since) + DAY / 2; at < Date.parse(span.until); at += DAY) {
    const name = day(at);
    found.push({ day: name, of: known.get(name) ?? null });
  }
  return found;
}
