/** What the purpose one looks under reaches, for the filters: places and times that are not told are the purpose's own. */

import type { Purpose } from "../api/types";
import { t } from "../i18n";
import { stamp } from "../i18n/time";
import { places } from "./cameras";
import { HOUR, type Reached } from "./filters";

const VILLAGE_DIGITS = 12;

/** How many villages lie under these codes, as far as the county's list is known. */
function villagesUnder(codes: readonly string[]): number {
  const under = [...places.value.keys()].filter(
    (code) => code.length === VILLAGE_DIGITS && codes.some((one) => code.startsWith(one)),
  ).length;
  return under || codes.length;
}

/** 本案范围内 · 3 个村; null where the purpose reaches all of one's villages. */
export function reachedPlaces(one: Purpose | null): string | null {
  if (one === null) return null;
  if (one.cameras !== null) return t("reached.cameras", { n: one.cameras.length });
  if (one.places === null) return null;
  return t(one.approval_id ? "reached.granted" : "reached.case", { n: villagesUnder(one.places) });
}

/** The first moment it reaches and the one it ends at; null without a limit. */
export const reachedSpan = (one: Purpose | null, now: number): Reached => ({
  since: one?.looks_back_hours ? now - one.looks_back_hours * HOUR : one?.since ? Date.parse(one.since) : null,
  until: one?.until ? Date.parse(one.until) : null,
});

/** 11-20 – 11-22, or the last hours of a patrol; null without a limit. */
export function reachedTimes(one: Purpose | null, now: number): string | null {
  if (one?.looks_back_hours) return t("reach.back", { n: one.looks_back_hours });
  const { since, until } = reachedSpan(one, now);
  if (since === null || until === null) return null;
  const [from, to] = [stamp(since), stamp(until - 1)];
  const year = stamp(now).slice(0, 5);
  const shown = (at: string): string => (at.startsWith(year) ? at.slice(5, 10) : at.slice(0, 10));
  return from.slice(0, 10) === to.slice(0, 10) ? shown(from) : `${shown(from)} – ${shown(to)}`;
}
