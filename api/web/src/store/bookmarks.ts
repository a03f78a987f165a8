/** The bookmarks of the case that is looked under: read once for all that shows them, and kept as they change. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Bookmark, listBookmarks } from "../api/bookmarks";
import type { Problem } from "../api/client";
import { may, purpose, settle } from "./session";

interface Kept {
  of: string;
  list: Bookmark[];
}

const kept = signal<Kept | null>(null);
export const bookmarksProblem = signal<Problem | null>(null);

/** Their pictures' addresses are good for five minutes. */
const FRESH_MS = 240_000;

/** The case one bookmarks in; null where one looks under none, or may not work on it. */
export const bookmarkCase = (): string | null => (purpose.value?.kind === "case" && may("work_cases") ? purpose.value.case_id : null);

/** Those that count, in order of their moments; null before they are read, or where there is no case. */
export const bookmarks = (): Bookmark[] | null => (kept.value !== null && kept.value.of === bookmarkCase() ? kept.value.list : null);

export async function readBookmarks(of: string, until?: AbortSignal): Promise<void> {
  try {
    kept.value = { of, list: await listBookmarks(of, false, until) };
    bookmarksProblem.value = null;
  } catch (err) {
    if (!until?.aborted) bookmarksProblem.value = settle(err);
  }
}

/** Reads them while something shows them, anew before their pictures' tickets run out. */
export function useBookmarks(): Bookmark[] | null {
  const of = bookmarkCase();
  useEffect(() => {
    if (of === null) return undefined;
    const stop = new AbortController();
    void readBookmarks(of, stop.signal);
    const timer = setInterval(() => !document.hidden && void readBookmarks(of, stop.signal), FRESH_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [of]);
  return bookmarks();
}

/** Takes over one that was made or put in another's place. */
export function takeBookmark(one: Bookmark): void {
  const list = (kept.peek()?.of === one.case_id ? kept.peek()!.list : []).filter((other) => other.id !== one.supersedes && other.id !== one.id);
  if (!one.retracted) list.push(one);
  kept.value = { of: one.case_id, list: list.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)) };
}
