/** The week of a plan, in the villages' time: spans of minutes on days from Monday = 1, told in words and kept by the hour. */

import type { PlanTime } from "../../../api/patrols";
import { t } from "../../../i18n";
import { hhmm } from "../../../i18n/time";

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const WORKDAYS = "12345";
const ALL = "1234567";

function daysText(days: readonly number[]): string {
  const sorted = [...days].sort();
  const key = sorted.join("");
  if (key === ALL) return t("week.all");
  if (key === WORKDAYS) return t("week.work");
  return sorted.map((one) => t(`week.${one as (typeof DAYS)[number]}`)).join(t("list.comma"));
}

/** 每天 22:00–05:00；周一、周三 08:00–12:00 */
export const timesText = (times: readonly PlanTime[]): string =>
  times.length === 0
    ? t("plan.anytime")
    : times.map((one) => `${daysText(one.days)} ${hhmm(one.from_minute)}–${hhmm(one.to_minute)}`).join(t("list.semicolon"));

export const HOURS = 24;
/** Seven rows of twenty-four: whether the plan is due in that hour. */
export type Week = readonly (readonly boolean[])[];

export const noWeek = (): boolean[][] => DAYS.map(() => Array<boolean>(HOURS).fill(false));

/** Whole hours as a grid; null where some time begins or ends within an hour, which a grid cannot show. */
export function weekOf(times: readonly PlanTime[]): Week | null {
  const week = noWeek();
  for (const { days, from_minute, to_minute } of times) {
    if (from_minute % 60 !== 0 || to_minute % 60 !== 0) return null;
    const from = from_minute / 60;
    const long = (to_minute / 60 - from + HOURS) % HOURS || HOURS;
    for (const day of days)
      for (let hour = from; hour < from + long; hour += 1)
        week[(day - 1 + Math.floor(hour / HOURS)) % DAYS.length]![hour % HOURS] = true;
  }
  return week;
}

/** The fewest times that say the same: hours that run on over midnight are one, days that are alike stand together. */
export function timesOf(week: Week): PlanTime[] {
  const at = (hour: number): boolean => week[Math.floor(hour / HOURS) % DAYS.length]![hour % HOURS]!;
  const all = DAYS.length * HOURS;
  const spans = new Map<string, PlanTime>();
  const keep = (from: number, long: number): void => {
    const [begin, end] = [from % HOURS, (from + long) % HOURS];
    const key = `${begin}-${end}`;
    const same = spans.get(key) ?? { days: [], from_minute: begin * 60, to_minute: end * 60 };
    spans.set(key, { ...same, days: [...same.days, Math.floor(from / HOURS) + 1].sort() });
  };
  for (let from = 0; from < all; from += 1) {
    if (!at(from) || at((from + all - 1) % all)) continue;
    let long = 0;
    while (long < all && at((from + long) % all)) long += 1;
    // A time lasts a day at most.
    for (let rest = long, begin = from; rest > 0; rest -= HOURS, begin += HOURS) keep(begin % all, Math.min(rest, HOURS));
  }
  if (spans.size === 0 && at(0)) return [{ days: [...DAYS], from_minute: 0, to_minute: 0 }];
  return [...spans.values()];
}
