/** What is drawn of the place one looks at, and which places one may look at. */

import { effect, signal } from "@preact/signals";
import type { Problem } from "../api/client";
import { type Ground, type Position, readGround } from "../api/map";
import type { Place } from "../api/types";
import { cameras, places } from "./cameras";
import { session, settle } from "./session";

export const ground = signal<{ code: string; of: Ground } | null>(null);
export const groundTrouble = signal<Problem | null>(null);

effect(() => {
  if (session.value !== null) return;
  ground.value = null;
  groundTrouble.value = null;
});

export async function readGroundOf(code: string, until: AbortSignal): Promise<void> {
  try {
    ground.value = { code, of: await readGround(code, until) };
    groundTrouble.value = null;
  } catch (err) {
    if (!until.aborted) groundTrouble.value = settle(err);
  }
}

/** Whether some grant reaches into the place, or holds it. */
const seen = (code: string): boolean =>
  session.value?.user.grants.some((grant) => code.startsWith(grant) || grant.startsWith(code)) ?? false;

/** Places of a level below `prefix` that one may look at, or all there are, by their codes. */
export const placesOf = (level: Place["level"], prefix = "", everywhere = false): Place[] =>
  [...places.value.values()]
    .filter((one) => one.level === level && one.code.startsWith(prefix) && (everywhere || seen(one.code)))
    .sort((a, b) => (a.code < b.code ? -1 : 1));

/**
 * Positions known in and around a place, for a map that has nothing of it to show: of the smallest of its village,
 * township and county that has any, else all.
 */
export function positionsAround(code: string): Position[] {
  const all = [...places.value.values(), ...(cameras.value ?? [])];
  const known = all.flatMap((one) => {
    if (one.lat === null || one.lon === null) return [];
    return [{ of: "village_code" in one ? one.village_code : one.code, at: [one.lon, one.lat] satisfies Position }];
  });
  for (const length of [12, 9, 6, 0]) {
    const within = known.filter((one) => one.of.startsWith(code.slice(0, length)));
    if (within.length > 0) return within.map((one) => one.at);
  }
  return [];
}

/** Where one starts: one's first grant. */
export const homeCode = (): string | null => [...(session.value?.user.grants ?? [])].sort()[0] ?? null;
