/** The cells of a film strip: rows are days, columns are hours of the villages' time, and what there is of each. */

import type { Cell, Strip } from "../../../../api/stills";
import { ahead, stamp } from "../../../../i18n/time";

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const MOST_DAYS = 31;

/** Why a cell has no picture: a gap's cause, or that it may not be seen, is beyond the window, or simply none is there. */
export type Why = { sort: "gap"; cause: string } | { sort: "unseen" | "outside" | "unread" | "none" };

export interface GridCell {
  /** When the cell begins, and ends. */
  begin: number;
  end: number;
  /** The picture in it, and when it was taken; null where there is none. */
  at: number | null;
  picture: Blob | null;
  why: Why | null;
}

export interface Row {
  label: string;
  /** The begin of the row. */
  begin: number;
  cells: GridCell[];
}

/** When the day of a moment begins in the villages' time. */
export const dayOf = (at: number): number => {
  const off = ahead(at);
  return Math.floor((at + off) / DAY) * DAY - off;
};

/** Which UTC days of a strip a stretch touches. */
export const daysIn = (strip: Strip, from: number, to: number): Strip["days"] =>
  strip.days.filter((one) => Date.parse(`${one.day}T00:00:00Z`) < to && Date.parse(`${one.day}T00:00:00Z`) + DAY > from);

interface Window {
  from: number;
  to: number;
}

/** Rows of cells of equal length from the begin of the window's first row on. */
export function rowsOf(strip: Strip, pictures: readonly Cell[], window: Window, row: number, cell: number): Row[] {
  const first = row >= DAY ? dayOf(window.from) : window.from;
  const inside = (at: number): boolean => at >= window.from && at < window.to;
  const byCell = firsts(pictures.filter((one) => inside(one.at)), first, cell);
  // What there is of a day is known before its pictures came: until then a cell is empty, and not without a picture.
  const known = firsts(strip.days.flatMap((day) => day.at.filter(inside).map((at) => ({ at }))), first, cell);
  const rows: Row[] = [];
  for (let begin = first; begin < window.to; begin += row) {
    const cells: GridCell[] = [];
    for (let at = begin; at < begin + row; at += cell) {
      const n = Math.round((at - first) / cell);
      const [found, there] = [byCell.get(n), known.get(n)];
      const end = at + cell;
      cells.push({ begin: at, end, at: found?.at ?? there?.at ?? null, picture: found?.picture ?? null, why: found || there ? null : whyNone(strip, window, at, end) });
    }
    rows.push({ label: row >= DAY ? stamp(begin).slice(5, 10) : stamp(begin).slice(11, 16), begin, cells });
  }
  return rows;
}

/** The first of each cell. */
function firsts<T extends { at: number }>(those: readonly T[], begin: number, cell: number): Map<number, T> {
  const found = new Map<number, T>();
  for (const one of those) {
    const n = Math.floor((one.at - begin) / cell);
    const other = found.get(n);
    if (!other || other.at > one.at) found.set(n, one);
  }
  return found;
}

export function whyNone(strip: Strip, window: Window, begin: number, end: number): Why {
  if (end <= window.from || begin >= window.to) return { sort: "outside" };
  if (!strip.spans.some((one) => Date.parse(one.from) < end && Date.parse(one.to) > begin)) return { sort: "unseen" };
  const gap = strip.gaps.find((one) => Date.parse(one.from) < end && Date.parse(one.to) > begin);
  return gap ? { sort: "gap", cause: gap.cause } : { sort: "none" };
}
