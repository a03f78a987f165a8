/** How much of what was due was looked at: patrols gathered by week, plan or person, and as a table for elsewhere. */

import { type PatrolSummary, patrolName, personName } from "../api/patrols";
import { t } from "../i18n";
import { stamp } from "../i18n/time";
import { csv } from "./online";

export const BYS = ["week", "plan", "person"] as const;
export type By = (typeof BYS)[number];

export interface RateRow {
  key: string;
  label: string;
  patrols: number;
  done: number;
  due: number;
}

const COLUMNS = ["plan", "person", "from", "to", "due", "done", "rate"] as const;
const DAY_MS = 86_400_000;

/** The Monday of a local date, as a date. */
function mondayOf(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  const since = (new Date(at).getUTCDay() + 6) % 7;
  return new Date(at - since * DAY_MS).toISOString().slice(0, 10);
}

function keyOf(one: PatrolSummary, by: By): [key: string, label: string] {
  if (by === "week") {
    const monday = mondayOf(stamp(one.started_at).slice(0, 10));
    return [monday, t("history.week", { day: monday })];
  }
  if (by === "person") return [one.user.id, personName(one.user)];
  return one.plan ? [one.plan.id, patrolName(one)] : ["", t("patrol.free")];
}

/** Weeks as they come, the newest last; plans and people with the least done first. */
export function grouped(list: readonly PatrolSummary[], by: By): RateRow[] {
  const rows = new Map<string, RateRow>();
  for (const one of list) {
    const [key, label] = keyOf(one, by);
    const row = rows.get(key) ?? { key, label, patrols: 0, done: 0, due: 0 };
    rows.set(key, { ...row, patrols: row.patrols + 1, done: row.done + one.done, due: row.due + one.due });
  }
  const all = [...rows.values()];
  if (by === "week") return all.sort((a, b) => (a.key < b.key ? -1 : 1));
  return all.sort((a, b) => share(a) - share(b));
}

export const share = ({ done, due }: Pick<RateRow, "done" | "due">): number => (due === 0 ? 0 : done / due);

/** As a table for a spreadsheet, one patrol a line. */
export const table = (list: readonly PatrolSummary[]): string =>
  csv([
    COLUMNS.map((one) => t(`history.col.${one}`)),
    ...list.map((one) => [
      patrolName(one),
      personName(one.user),
      stamp(one.started_at),
      one.ended_at ? stamp(one.ended_at) : "",
      one.due,
      one.done,
      one.rate === null ? "" : one.rate.toFixed(3),
    ]),
  ]);
