import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

interface Props<T> {
  rows: readonly T[];
  /** Pixels a row takes; every row of a sort takes the same. */
  heightOf: (row: T) => number;
  keyOf: (row: T) => string;
  children: (row: T, index: number) => ComponentChildren;
}

/** Drawn beyond what is seen, so that a quick scroll shows no gap. */
const MARGIN_PX = 600;

/** A long list, in the page's own scroll or a box's, of which only the rows in sight exist: five thousand cost as little as fifty. */
export function Windowed<T>({ rows, heightOf, keyOf, children }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<[number, number]>([0, 1_500]);
  const ends = useMemo(() => sums(rows, heightOf), [rows, heightOf]);
  useLayoutEffect(() => {
    const look = (): void => {
      if (!box.current) return;
      const top = -box.current.getBoundingClientRect().top;
      // In steps, so that not every pixel scrolled draws anew.
      const from = Math.floor((top - MARGIN_PX) / 200) * 200;
      const to = Math.ceil((top + innerHeight + MARGIN_PX) / 200) * 200;
      setSeen((was) => (was[0] === from && was[1] === to ? was : [from, to]));
    };
    look();
    // Captured: the list may stand in a box that scrolls by itself, and scrolling does not bubble.
    addEventListener("scroll", look, { passive: true, capture: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
    };
  }, [ends]);
  const [first, last] = range(ends, seen[0], seen[1]);
  const total = ends.at(-1) ?? 0;
  const before = first === 0 ? 0 : ends[first - 1]!;
  const after = total - (last === 0 ? 0 : ends[last - 1]!);
  return (
    <div ref={box} class="windowed" role="presentation">
      <div role="presentation" style={{ height: `${before}px` }} />
      {rows.slice(first, last).map((row, index) => (
        <div key={keyOf(row)} class="windowed-row" role="presentation" style={{ height: `${heightOf(row)}px` }}>
          {children(row, first + index)}
        </div>
      ))}
      <div role="presentation" style={{ height: `${after}px` }} />
    </div>
  );
}

/** Where each row ends, in pixels from the list's top. */
export function sums<T>(rows: readonly T[], heightOf: (row: T) => number): number[] {
  let at = 0;
  return rows.map((row) => (at += heightOf(row)));
}

/** The rows [first, last) that lie between two heights. */
export function range(ends: readonly number[], from: number, to: number): [number, number] {
  const first = search(ends, from);
  return [first, Math.min(ends.length, search(ends, to) + 1)];
}

/** The first row that ends after `at`. */
function search(ends: readonly number[], at: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
