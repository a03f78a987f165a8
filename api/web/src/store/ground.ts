/** What is drawn of the place one looks at, and which places one may look at. */

import { effect, signal } from "@preact/signals";
import type { Problem } from "../api/client";
import { type Ground, readGround } from "../api/map";
import type { Place } from "../api/types";
import { places } from "./cameras";
import { session, settle } from "./session";

export const ground = signal<{ code: string; of: Ground } | null>(null);
export const groundTrouble = signal<Problem | null>(null);

effect(() => {
  if (session.value !== null) return;
  ground.value = null;
  groundTrouble.value = null;
});

export async function readGroundOf(code: string, until?: AbortSignal): Promise<void> {
  try {
    ground.value = { code, of: await readGround(code, until) };
    groundTrouble.value = null;
  } catch (err) {
    if (!until?.aborted) groundTrouble.value = settle(err);
  }
}

/** Whether some grant reaches into the place, or holds it. */
const seen = (code: string): boolean =>
  session.value?.user.grants.some((grant) => code.startsWith(grant) || grant.startsWith(code)) ?? false;

/** Places of a level below `prefix` that one may look at, by their codes. */
export const placesOf = (level: Place["level"], prefix = ""): Place[] =>
  [...places.value.values()]
    .filter((one) => one.level === level && one.code.startsWith(prefix) && seen(one.code))
    .sort((a, b) => (a.code < b.code ? -1 : 1));

/** Where one starts: one's first grant. */
export const homeCode = (): string | null => [...(session.value?.user.grants ?? [])].sort()[0] ?? null;
