/** Cameras in the user's scope, read again every few seconds while somebody looks. */

import { effect, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import type { Camera, CameraStatus, Place, State } from "../api/types";
import { session, settle } from "./session";

export const cameras = signal<Camera[] | null>(null);
export const places = signal<Map<string, Place>>(new Map());
export const trouble = signal<Problem | null>(null);

// The next one to sign in at this desk may see less.
effect(() => {
  if (session.value !== null) return;
  cameras.value = null;
  places.value = new Map();
  trouble.value = null;
});

const EVERY_MS = 4_000;
/** A county's list is megabytes: it is read more seldom, so that neither the hub nor the desk is kept busy by it. */
const EVERY_MS_PER_CAMERA = 4;

export type Tone = "ok" | "wait" | "bad" | "idle";

/** What a camera's state means for the one who looks after it. */
export function tone(state: State, reason: string | null): Tone {
  if (state === "live") return "ok";
  if (state === "connecting" || state === "waiting_keyframe" || reason === "placement_incomplete") return "wait";
  if (reason === "no_consent" || reason === "outside_hours" || reason === "disabled" || reason === "no_video") return "idle";
  return state === "idle" ? "idle" : "bad";
}

/** The same of a camera as it is now: one that is up and shows nothing is of no use either. */
export const toneOf = ({ state, reason, picture }: Pick<CameraStatus, "state" | "reason" | "picture">): Tone =>
  state === "live" && picture !== null ? "bad" : tone(state, reason);

/** What changes of a camera without its own revision: its place's code and name, its box's host. */
const ELSEWHERE = ["revision", "village_code", "village_name", "device_id", "main_url", "sub_url"] as const;

/** By revision and state, not field by field: five thousand cameras are compared every round. */
function same(a: Camera, b: Camera): boolean {
  return (
    ELSEWHERE.every((name) => a[name] === b[name]) &&
    a.warnings.length === b.warnings.length &&
    (Object.keys(b.status) as (keyof Camera["status"])[]).every((name) => a.status[name] === b.status[name])
  );
}

/** Keeps the object of a camera that did not change, so that only changed rows are drawn again. */
export function reuse(before: readonly Camera[] | null, after: Camera[]): Camera[] {
  if (!before) return after;
  const known = new Map(before.map((one) => [one.id, one]));
  return after.map((one) => {
    const old = known.get(one.id);
    return old && same(old, one) ? old : one;
  });
}

export async function refresh(until?: AbortSignal): Promise<void> {
  try {
    const read = await api.listCameras(until);
    cameras.value = reuse(cameras.peek(), read);
    trouble.value = null;
  } catch (err) {
    if (!until?.aborted) trouble.value = settle(err);
  }
}

/** Reads until the returned function is called; a hidden tab rests. */
export function follow(): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async (): Promise<void> => {
    if (!document.hidden) await refresh(stop.signal);
    const pause = Math.max(EVERY_MS, EVERY_MS_PER_CAMERA * (cameras.peek()?.length ?? 0));
    if (!stop.signal.aborted) timer = setTimeout(round, pause);
  };
  void round();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

export async function readPlaces(): Promise<void> {
  try {
    places.value = new Map((await api.listPlaces()).map((one) => [one.code, one]));
  } catch (err) {
    settle(err); // names of townships are a comfort: without them codes are shown
  }
}

export const townshipName = (villageCode: string): string =>
  places.value.get(villageCode.slice(0, 9))?.name ?? villageCode.slice(0, 9);

export interface Village {
  code: string;
  name: string;
  live: number;
  cameras: Camera[];
}

export function byVillage(list: readonly Camera[]): Village[] {
  const found = new Map<string, Village>();
  for (const one of list) {
    let village = found.get(one.village_code);
    if (!village) {
      village = { code: one.village_code, name: one.village_name, live: 0, cameras: [] };
      found.set(one.village_code, village);
    }
    village.cameras.push(one);
    if (one.status.state === "live") village.live += 1;
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}
