/** The wall on this desk: how it is divided, what stays on it, and by what rule the other tiles are filled. */

import { computed, effect, signal } from "@preact/signals";
import { type ActivityPlan, type Layout, LAYOUTS, type RotationPlan, type Wall, type WallBody } from "../api/walls";
import type { Camera, HubEvent } from "../api/types";
import { cameras } from "./cameras";
import { readDraft, writeDraft } from "./drafts";
import { layoutFor, sizeOf } from "./layouts";
import { refused } from "./refused";
import { session } from "./session";

/** Tiles of one viewer, as the hub has it. */
export const MOST_TILES = 25;
export const DWELL_S = 15;
export const HOLD_S = 20;
const DRAFT = "wall";

const EMPTY: WallBody = { layout: "4", tiles: [], rotation: null, activity: null };

export const layout = signal<Layout>("4");
/** By tile: cameras that stay. More than the layout shows are kept for when it grows again. */
export const fixed = signal<readonly (string | null)[]>([]);
export const rotation = signal<RotationPlan | null>(null);
export const activity = signal<ActivityPlan | null>(null);
/** The saved wall this one began as. */
export const saved = signal<Wall | null>(null);
export const selected = signal(0);
/** The one camera looked at by itself, in place of the wall. */
export const alone = signal<string | null>(null);
/** The tile that fills the wall. */
export const big = signal<string | null>(null);

export const body = computed<WallBody>(() => ({
  layout: layout.value,
  tiles: Array.from({ length: sizeOf(layout.value) }, (_, at) => fixed.value[at] ?? null),
  rotation: rotation.value,
  activity: activity.value,
}));

export const changed = computed(() => saved.value !== null && !sameBody(saved.value.body, body.value));

const sameBody = (a: WallBody, b: WallBody): boolean =>
  JSON.stringify([a.layout, trimmed(a.tiles), a.rotation, a.activity]) ===
  JSON.stringify([b.layout, trimmed(b.tiles), b.rotation, b.activity]);

function trimmed(tiles: readonly (string | null)[]): (string | null)[] {
  let size = tiles.length;
  while (size > 0 && !tiles[size - 1]) size -= 1;
  return tiles.slice(0, size);
}

function put(next: WallBody): void {
  layout.value = LAYOUTS.includes(next.layout) ? next.layout : "4";
  fixed.value = next.tiles.map((one, at) => (next.tiles.indexOf(one) === at ? one : null));
  rotation.value = next.rotation;
  activity.value = next.activity;
  selected.value = 0;
  big.value = null;
}

export function begin(wall: Wall | null): void {
  saved.value = wall;
  put(wall?.body ?? EMPTY);
}

// Each user's own, kept while the tab lives.
let reader: string | null = null;
effect(() => {
  const user = session.value?.user.id;
  if (user === undefined || user === reader) return;
  reader = user;
  const kept = readDraft<{ body: WallBody; saved: Wall | null }>(DRAFT);
  saved.value = kept?.saved ?? null;
  put(kept?.body ?? EMPTY);
});
effect(() => {
  const now = { body: body.value, saved: saved.value };
  if (session.peek() !== null) writeDraft(DRAFT, now);
});

/** Cameras that give pictures at all. */
export const watchable = computed<readonly Camera[]>(() => (cameras.value ?? []).filter((one) => one.kind !== "wifi_probe"));
const known = computed(() => new Map(watchable.value.map((one) => [one.id, one])));
export const cameraOf = (id: string): Camera | undefined => known.value.get(id);

/** Puts cameras on the wall from a tile on, each on the next; one that is there already moves. */
export function place(ids: readonly string[], at: number): void {
  const size = Math.max(sizeOf(layout.value), fixed.value.length);
  const next = Array.from({ length: size }, (_, index) => fixed.value[index] ?? null);
  for (const [step, id] of ids.slice(0, sizeOf(layout.value) - at).entries()) {
    const before = next.indexOf(id);
    if (before !== -1) next[before] = null;
    next[at + step] = id;
  }
  fixed.value = next;
  big.value = null;
}

/** The tile a camera goes to that is put up without saying where: the one selected, if free, else the next free one. */
export function freeTile(): number {
  const size = sizeOf(layout.value);
  for (let step = 0; step < size; step += 1) {
    const at = (selected.peek() + step) % size;
    if (!fixed.peek()[at]) return at;
  }
  return selected.peek();
}

/** Puts up what is not there yet, where there is room; a wall too small for all of them grows. */
export function putUp(ids: readonly string[]): void {
  const may = ids.filter((id) => !refused.peek().has(id)).slice(0, MOST_TILES);
  if (may.length > 1) {
    if (may.length > sizeOf(layout.peek())) layout.value = layoutFor(may.length);
    place(may, 0);
    selected.value = 0;
    return;
  }
  const [id] = may;
  if (id === undefined) return;
  const there = fixed.peek().indexOf(id);
  const at = there !== -1 && there < sizeOf(layout.peek()) ? there : freeTile();
  place([id], at);
  selected.value = at;
}

export function take(id: string): void {
  fixed.value = fixed.value.map((one) => (one === id ? null : one));
  if (big.peek() === id) big.value = null;
}

export function swap(one: number, other: number): void {
  const size = Math.max(one, other, fixed.value.length - 1) + 1;
  const next = Array.from({ length: size }, (_, at) => fixed.value[at] ?? null);
  [next[one], next[other]] = [next[other]!, next[one]!];
  fixed.value = next;
}

export function divide(into: Layout): void {
  layout.value = into;
  big.value = null;
  if (selected.peek() >= sizeOf(into)) selected.value = 0;
}

const collator = new Intl.Collator("zh-CN", { numeric: true });

const byPlace = (a: Camera, b: Camera): number =>
  a.village_code === b.village_code ? collator.compare(a.name, b.name) : a.village_code < b.village_code ? -1 : 1;

/** The cameras a rotation goes through, in its order: those of a place by village and name. */
export function roundOf(plan: RotationPlan): string[] {
  const { prefix } = plan;
  const inPlace = prefix === null ? [] : watchable.value.filter((one) => one.village_code.startsWith(prefix)).sort(byPlace);
  const ids = new Set([...plan.cameras, ...inPlace.map((one) => one.id)]);
  const shown = new Set(body.value.tiles);
  return [...ids].filter((id) => known.value.has(id) && !refused.value.has(id) && !shown.has(id));
}

/** Whether an event is what an activity wall looks for. */
export function concerns(plan: ActivityPlan, event: HubEvent): boolean {
  if (refused.peek().has(event.camera_id)) return false;
  if (plan.cameras.length === 0 && plan.prefixes.length === 0) return true;
  return plan.cameras.includes(event.camera_id) || plan.prefixes.some((code) => event.village_code.startsWith(code));
}
