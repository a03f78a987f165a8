/** Of a long list, the part in sight: rows far above and below are room only. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Shorter lists are drawn whole: the browser's own find then sees all of it. */
const WHOLE = 300;
/** Rows drawn above and below what is in sight, in window heights. */
const BEYOND = 2;

export interface Shown {
  from: number;
  to: number;
  /** Room above and below, in pixels. */
  above: number;
  below: number;
}

/**
 * Which of `count` items to draw in `box`, whose items all have the height of the first `.item` and stand in as many
 * columns as the grid says. Watches the window's scrolling and the box's size.
 */
export function useInSight(box: RefObject<HTMLElement>, count: number, item: string): Shown {
  const [shown, setShown] = useState<Shown>({ from: 0, to: WHOLE, above: 0, below: 0 });
  useEffect(() => {
    if (count <= WHOLE) return undefined;
    let asked = 0;
    const look = (): void => {
      asked = 0;
      const first = box.current?.querySelector<HTMLElement>(item);
      if (!box.current || !first) return;
      const style = getComputedStyle(box.current);
      const columns = style.display === "grid" ? style.gridTemplateColumns.split(" ").length : 1;
      const height = first.getBoundingClientRect().height + (Number.parseFloat(style.rowGap) || 0);
      if (height <= 0) return;
      const top = -box.current.getBoundingClientRect().top;
      const rows = Math.ceil(count / columns);
      // In steps of a few rows, so that scrolling seldom draws anew.
      const step = Math.max(1, Math.ceil(innerHeight / height));
      const begin = Math.max(0, Math.floor((top - BEYOND * innerHeight) / height / step) * step);
      const end = Math.min(rows, Math.ceil((top + (1 + BEYOND) * innerHeight) / height / step) * step);
      const next: Shown = {
        from: Math.min(begin, rows) * columns,
        to: Math.max(0, end) * columns,
        above: Math.min(begin, rows) * height,
        below: Math.max(0, rows - end) * height,
      };
      setShown((now) => (now.from === next.from && now.to === next.to && now.below === next.below ? now : next));
    };
    const soon = (): void => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    look();
    const size = new ResizeObserver(soon);
    if (box.current) size.observe(box.current);
    addEventListener("scroll", soon, { passive: true });
    return () => {
      cancelAnimationFrame(asked);
      size.disconnect();
      removeEventListener("scroll", soon);
    };
  }, [count, box, item]);
  return count <= WHOLE ? { from: 0, to: count, above: 0, below: 0 } : shown;
}
