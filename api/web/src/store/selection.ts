/** Events picked for something done to several at once. */

import { signal } from "@preact/signals";

/** What the hub exports by id at once; a bulk mark keeps to it as well. */
export const MOST_PICKED = 100;

export const picked = signal<ReadonlySet<string>>(new Set());
/** From where a range with Shift goes. */
let anchor: string | null = null;

export function clear(): void {
  if (picked.peek().size > 0) picked.value = new Set();
  anchor = null;
}

/** Picks or lets go one; with `range`, all between it and the one picked before. False when that would be too many. */
export function pick(id: string, ids: readonly string[], range: boolean): boolean {
  const next = new Set(picked.peek());
  const from = anchor === null ? -1 : ids.indexOf(anchor);
  const to = ids.indexOf(id);
  if (range && from >= 0 && to >= 0) {
    for (const one of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
  } else if (!next.delete(id)) {
    next.add(id);
  }
  if (next.size > MOST_PICKED) return false;
  anchor = id;
  picked.value = next;
  return true;
}
