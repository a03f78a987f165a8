/** What the wall's tiles show now: cameras that stay, and in the others what goes round or what something happens at. */

import { computed, effect, signal, untracked } from "@preact/signals";
import { searchEvents, streamAddress } from "../api/client";
import { EventStream } from "../api/stream";
import type { HubEvent } from "../api/types";
import type { ActivityPlan } from "../api/walls";
import { Activity } from "./activity";
import { pagesOf, Rotation } from "./rotation";
import { endSession, forgetPurpose, purpose, settle } from "./session";
import { activity, body, concerns, MOST_TILES, rotation, roundOf } from "./wall";
import { refused } from "./refused";

export interface ShownTile {
  camera: string | null;
  how: "fixed" | "rotation" | "activity" | null;
  event: HubEvent | null;
}

const running = signal<Rotation | null>(null);
const watching = signal<Activity | null>(null);
export const round = computed(() => running.value);

const free = computed(() => body.value.tiles.flatMap((one, at) => (one === null ? [at] : [])));
export const roundList = computed(() => (rotation.value ? roundOf(rotation.value) : []));
const pages = computed(() => pagesOf(roundList.value, free.value.length));
export const pageCount = computed(() => pages.value.length);

export const shown = computed<readonly ShownTile[]>(() => {
  const page = pages.value[running.value?.page.value ?? 0] ?? [];
  const held = watching.value?.slots.value ?? [];
  return body.value.tiles.map((camera, at): ShownTile => {
    if (camera !== null) return { camera, how: "fixed", event: null };
    const slot = free.value.indexOf(at);
    const going = running.value ? page[slot] : undefined;
    if (going !== undefined) return { camera: going, how: "rotation", event: null };
    const happened = watching.value ? held[slot] : undefined;
    if (happened) return { camera: happened.camera, how: "activity", event: happened.event };
    return { camera: null, how: null, event: null };
  });
});

/** Cameras of the next page, opened beneath the tile they will take, as far as the hub lets one viewer. */
export const ahead = computed<readonly { camera: string; at: number }[]>(() => {
  const going = running.value;
  if (!going?.ahead.value || pages.value.length < 2) return [];
  const next = pages.value[(going.page.value + 1) % pages.value.length] ?? [];
  const now = new Set(shown.value.map((one) => one.camera));
  const fresh = next.flatMap((camera, slot) => (now.has(camera) ? [] : [{ camera, at: free.value[slot]! }]));
  return [...now].filter((one) => one !== null).length + fresh.length <= MOST_TILES ? fresh : [];
});

/** Lets rotation and activity run until the returned function is called. */
export function run(): () => void {
  const stops = [
    effect(() => {
      const plan = rotation.value;
      if (plan === null) return undefined;
      const going = new Rotation(plan.dwell_s * 1000, untracked(() => pages.value.length));
      running.value = going;
      return () => {
        going.close();
        running.value = null;
      };
    }),
    effect(() => {
      const count = pages.value.length;
      untracked(() => running.value)?.resize(count);
    }),
    effect(() => {
      const plan = activity.value;
      if (plan === null || purpose.value === null) return undefined;
      return untracked(() => listen(plan));
    }),
    effect(() => {
      const size = free.value.length;
      untracked(() => watching.value)?.resize(size);
    }),
    effect(() => {
      const gone = refused.value;
      untracked(() => watching.value)?.without((camera) => gone.has(camera));
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** What happened this long ago fills the wall when it begins. */
const BEFORE_MS = 600_000;

function listen(plan: ActivityPlan): () => void {
  const made = new Activity(plan.hold_s * 1000, free.value.length);
  watching.value = made;
  const stop = new AbortController();
  const hear = (event: HubEvent): void => {
    const there = body.peek().tiles.includes(event.camera_id);
    if (!there && concerns(plan, event)) made.happened(event);
  };
  async function catchUp(): Promise<void> {
    const since = new Date(Date.now() - BEFORE_MS).toISOString();
    try {
      const { events } = await searchEvents(new URLSearchParams({ since, limit: "50", order: "newest" }), stop.signal);
      // Each camera once, the newest first, as far as there are places; what is older is no news.
      const newest = events.filter((one, at) => events.findIndex((other) => other.camera_id === one.camera_id) === at);
      for (const one of newest.slice(0, free.value.length)) hear({ ...one, revision: 1 });
    } catch (err) {
      if (!stop.signal.aborted) settle(err); // what happens from now on comes up all the same
    }
  }
  const stream = new EventStream(streamAddress("/events/stream"), {
    event: hear,
    lost: () => void catchUp(),
    // Read once the stream stands: what happens in between is in one of the two.
    open: () => void catchUp(),
    down: () => {},
    ended: (why) => (why === "session" ? endSession() : forgetPurpose()),
  });
  return () => {
    stop.abort();
    stream.close();
    made.close();
    watching.value = null;
  };
}
