/** How a wall is divided: pictures of one size, or one big one among small ones. */

import { type Layout, LAYOUTS } from "../api/walls";

/** A tile's place on the grid, from 1, and how many columns and rows it takes. */
export interface Cell {
  column: number;
  row: number;
  span: number;
}

/** Columns, which are as many as rows, and the span of the first cell; the others take one each. */
const SHAPES: Record<Layout, readonly [columns: number, big: number]> = {
  "1": [1, 1],
  "4": [2, 1],
  "9": [3, 1],
  "16": [4, 1],
  "25": [5, 1],
  "1+5": [3, 2],
  "1+7": [4, 3],
};

function cells(layout: Layout): Cell[] {
  const [columns, big] = SHAPES[layout];
  const made: Cell[] = [{ column: 1, row: 1, span: big }];
  for (let row = 1; row <= columns; row += 1)
    for (let column = 1; column <= columns; column += 1)
      if (row > big || column > big) made.push({ column, row, span: 1 });
  return made;
}

export const CELLS: Record<Layout, readonly Cell[]> = {
  "1": cells("1"),
  "4": cells("4"),
  "9": cells("9"),
  "16": cells("16"),
  "25": cells("25"),
  "1+5": cells("1+5"),
  "1+7": cells("1+7"),
};

export const columnsOf = (layout: Layout): number => SHAPES[layout][0];

export const sizeOf = (layout: Layout): number => CELLS[layout].length;

/** The smallest layout of equal pictures that holds so many. */
export const layoutFor = (count: number): Layout =>
  LAYOUTS.find((one) => SHAPES[one][1] === 1 && sizeOf(one) >= count) ?? "25";

export type Side = "left" | "right" | "up" | "down";

const STEP: Record<Side, readonly [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** The tile beside one; itself where there is none. */
export function beside(layout: Layout, index: number, side: Side): number {
  const from = CELLS[layout][index];
  if (!from) return 0;
  const [x, y] = STEP[side];
  const column = x > 0 ? from.column + from.span : from.column + x;
  const row = y > 0 ? from.row + from.span : from.row + y;
  const found = CELLS[layout].findIndex(
    (one) => column >= one.column && column < one.column + one.span && row >= one.row && row < one.row + one.span,
  );
  return found === -1 ? index : found;
}
