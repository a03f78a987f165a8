/**
 * What somebody is typing, kept in this tab until it is saved: a session that ends, a reload or a wrong click loses
 * nothing. Passwords are never in a draft. It is its writer's own, and goes when he signs out.
 */

import { effect } from "@preact/signals";
import { useCallback, useState } from "preact/hooks";
import { ended, phase, session } from "./session";

const PREFIX = "draft/";

const keyOf = (name: string): string => `${PREFIX}${session.peek()?.user.name ?? ""}/${name}`;

/** Storage may be forbidden by policy: then a draft lives as long as the page. */
function shelf(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

const loose = new Map<string, string>();

function drop(wanted: (key: string) => boolean): void {
  const kept = shelf();
  for (const key of kept ? Object.keys(kept) : []) if (key.startsWith(PREFIX) && wanted(key)) kept?.removeItem(key);
  for (const key of loose.keys()) if (wanted(key)) loose.delete(key);
}

/** Who was signed in last since the page was loaded. */
let writer: string | null = null;

effect(() => {
  const user = session.value?.user.name ?? null;
  if (user !== null) {
    writer = user;
    drop((key) => !key.startsWith(`${PREFIX}${user}/`));
  } else if (phase.value === "out" && ended.value === null && writer !== null) {
    // Signed out by hand; a session that merely ended goes on where it was.
    writer = null;
    drop(() => true);
  }
});

export function readDraft<T>(name: string): T | null {
  const key = keyOf(name);
  const text = shelf()?.getItem(key) ?? loose.get(key) ?? null;
  return text === null ? null : (JSON.parse(text) as T);
}

export function writeDraft(name: string, draft: unknown): void {
  const kept = shelf();
  if (kept) kept.setItem(keyOf(name), JSON.stringify(draft));
  else loose.set(keyOf(name), JSON.stringify(draft));
}

export function dropDraft(name: string): void {
  shelf()?.removeItem(keyOf(name));
  loose.delete(keyOf(name));
}

type Change<T> = Partial<T> | ((was: T) => Partial<T>);

/** A state that outlives the view. The third goes on from a new start, with nothing kept. */
export function useDraft<T>(name: string, start: () => T): [T, (change: Change<T>) => void, (anew: T) => void] {
  const [draft, setDraft] = useState<T>(() => readDraft<T>(name) ?? start());
  const change = useCallback(
    (part: Change<T>) =>
      setDraft((was) => {
        const next = { ...was, ...(typeof part === "function" ? part(was) : part) };
        writeDraft(name, next);
        return next;
      }),
    [name],
  );
  const restart = useCallback(
    (anew: T) => {
      dropDraft(name);
      setDraft(anew);
    },
    [name],
  );
  return [draft, change, restart];
}
