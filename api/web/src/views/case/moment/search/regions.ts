import type { Region } from "../../../../api/motion";
import type { Point } from "../../../../api/register";

/** What is drawn on each chosen camera; null: all of its picture. */
export type Drawn = ReadonlyMap<string, Point[] | null>;

export const COLUMNS = 32;
export const ROWS = 18;

export const regionsOf = (drawn: Drawn): Region[] => [...drawn].map(([camera_id, outline]) => ({ camera_id, outline }));

export function chosen(drawn: Drawn, ids: readonly string[]): Drawn {
  return new Map(ids.map((id) => [id, drawn.get(id) ?? null]));
}

/** The cells of rows as one path over a picture of so many units. */
export function cellsPath(rows: readonly number[], width: number, height: number): string {
  const [w, h] = [width / COLUMNS, height / ROWS];
  return rows
    .flatMap((row, y) => Array.from({ length: COLUMNS }, (_, x) => ((row >>> (COLUMNS - 1 - x)) & 1 ? `M${x * w} ${y * h}h${w}v${h}h${-w}z` : "")))
    .join("");
}

/** A box between two corners as an outline, clockwise; null where it is too small to be meant. */
export function boxed(a: Point, b: Point): Point[] | null {
  const [x0, x1] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [y0, y1] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  if (x1 - x0 < 0.5 / COLUMNS || y1 - y0 < 0.5 / ROWS) return null;
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** The outline moved, or with `grow` its right and lower side; it stays in the picture. */
export function nudged(outline: readonly Point[] | null, dx: number, dy: number, grow: boolean): Point[] {
  const was = outline ?? boxed([0.4, 0.4], [0.6, 0.6])!;
  const xs = was.map((one) => one[0]);
  const ys = was.map((one) => one[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  if (grow) {
    const [x1, y1] = [Math.min(1, right + dx), Math.min(1, bottom + dy)];
    return boxed([left, top], [Math.max(left + 1 / COLUMNS, x1), Math.max(top + 1 / ROWS, y1)]) ?? [...was];
  }
  const [mx, my] = [Math.min(Math.max(dx, -left), 1 - right), Math.min(Math.max(dy, -top), 1 - bottom)];
  return was.map(([x, y]) => [x + mx, y + my] as Point);
}
