/** A case's trail: who passed its cameras, what was decided of them, windows around a sighting, links, the clue map. */

import type { MarkedUpload } from "./bookmarks";
import { ask } from "./client";
import type { Position } from "./map";
import type { LabelGroup } from "./types";

export const DECISIONS = ["open", "keep", "drop", "star"] as const;
export type Decision = (typeof DECISIONS)[number];
export const WAYS = ["foot", "ebike", "van"] as const;
export type Way = (typeof WAYS)[number];

export interface Gate {
  camera_id: string;
  camera_name: string;
  village_name: string;
  entrances: string[];
  passers: number;
  decided: Partial<Record<Decision, number>>;
  unwatched_s: number;
  span_s: number;
}

export interface Passer {
  thing: string;
  /** Null: motion only, of which nothing is known but when. */
  event_id: string | null;
  noisy: boolean;
  at: string;
  stay_s: number;
  label: string;
  group: LabelGroup | null;
  direction: string | null;
  way: "in" | "out" | null;
  decision: Decision;
  revision: number;
  decided_by: string;
  decided_at: string | null;
  snapshot_url: string | null;
}

export interface Strip {
  camera_id: string;
  camera_name: string;
  since: string;
  until: string;
  total: number;
  hidden: Record<string, number>;
  cut: boolean;
  /** Of the episodes of motion, how many share time with an event; `motion_more` are beyond what is listed. */
  moved: number;
  motion_more: number;
  unwatched_s: number;
  unwatched: { since: string; until: string }[];
  candidates: Passer[];
  next_skip: number | null;
}

export interface Decided {
  thing: string;
  revision: number;
  decision: Decision;
  decided_by: string;
  decided_at: string;
  camera_name: string;
  seen_at: string;
  label: string;
}

export interface Sighting {
  no: number;
  thing: string;
  camera_id: string | null;
  camera_name: string;
  at: string;
  lat: number | null;
  lon: number | null;
  label: string;
  note: string;
  said_by: string;
  upload: MarkedUpload | null;
}

export interface Hop {
  camera_id: string;
  camera_name: string;
  entrances: string[];
  metres: number;
  how: "road" | "straight" | "beyond" | "unreachable";
  next: boolean;
  since: string;
  until: string;
  verdict: "seen" | "none" | "unknown";
  found: number;
  dropped: number;
  unwatched_s: number;
  by_chance: number | null;
  /** No rule told of the sorts asked for: there what moved counts as passing, `moved` of those found. */
  mute: boolean;
  moved: number;
  /** Seconds of motion where much moves anyway: who passed then is not known. */
  noisy_s: number;
  passers: Passer[];
}

export interface Hops {
  sighting: Sighting;
  backwards: boolean;
  hops: Hop[];
  unreachable: number;
  beyond: number;
  more: number;
}

export interface SightingLink {
  from_thing: string;
  to_thing: string;
  state: "possible" | "confirmed" | "withdrawn";
  way: Way;
  note: string;
  revision: number;
  linked_by: string;
  linked_at: string;
}

export interface Block {
  road_id: string;
  blocked: boolean;
  revision: number;
  said_by: string;
}

export interface Border {
  camera_id: string;
  name: string;
  lat: number;
  lon: number;
  held: "shut" | "dark" | "seen" | "far" | "off";
  came_at: string | null;
  passed_at: string | null;
  unwatched_s: number;
  hits: number;
}

export interface Direction {
  bearing_deg: number;
  metres: number;
  farthest_m: number;
  ends: number;
  shut: string[];
  open: string[];
}

export interface VanishingArea {
  lat: number;
  lon: number;
  at: string;
  until: string;
  way: Way;
  estimate: boolean;
  radius_m: number;
  metres: number;
  pieces: Position[][];
  border: Border[];
  directions: Direction[];
  advice: "inside" | "sectors" | "unknown";
  search: number[];
  beyond: number;
  /** Cameras without a rule that were too many to ask what moved there: unknown. */
  unheard: number;
}

export interface ClueMap {
  thing: string | null;
  sightings: Sighting[];
  links: SightingLink[];
  blocks: Block[];
  area: VanishingArea | null;
  digest: string;
}

export interface KeptMap {
  id: string;
  note: string;
  kept_by: string;
  kept_at: string;
}

export interface OldMap {
  kept: KeptMap;
  map: ClueMap;
}

const told = (query: Record<string, string | readonly string[] | undefined>): string => {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === "string" ? [value] : (value ?? [])) if (one !== "") made.append(name, one);
  }
  const text = made.toString();
  return text ? `?${text}` : "";
};

export interface StripFilter {
  group: readonly LabelGroup[];
  direction: "" | "in" | "out";
  min_s: string;
  motion: "quiet" | "all" | "none";
  decision: readonly Decision[];
}

export const readGates = async (id: string, until: AbortSignal): Promise<Gate[]> =>
  (await ask<{ gates: Gate[] }>("GET", `/cases/${id}/candidates`, undefined, until)).gates;

export const readStrip = (id: string, camera: string, filter: StripFilter, skip: number, until?: AbortSignal): Promise<Strip> =>
  ask("GET", `/cases/${id}/candidates/${camera}${told({ ...filter, skip: String(skip) })}`, undefined, until);

export const decide = (id: string, thing: string, decision: Decision, expected_revision: number): Promise<Decided> =>
  ask("POST", `/cases/${id}/decisions`, { thing, decision, expected_revision });

export const readDecisions = async (id: string, until: AbortSignal): Promise<Decided[]> =>
  (await ask<{ decisions: Decided[] }>("GET", `/cases/${id}/decisions`, undefined, until)).decisions;

export interface HopAsk {
  sighting: string;
  way: Way;
  backwards: boolean;
  minutes: number;
  group: readonly LabelGroup[];
}

export const readHops = (id: string, { backwards, minutes, ...rest }: HopAsk, until: AbortSignal): Promise<Hops> =>
  ask("GET", `/cases/${id}/hops${told({ ...rest, backwards: String(backwards), minutes: String(minutes) })}`, undefined, until);

export const putLink = (id: string, from: string, to: string, state: SightingLink["state"], way: Way, revision: number): Promise<SightingLink> =>
  ask("POST", `/cases/${id}/links`, { from_thing: from, to_thing: to, state, way, expected_revision: revision });

export const putBlock = (id: string, road_id: string, blocked: boolean, revision: number): Promise<Block> =>
  ask("POST", `/cases/${id}/blocks`, { road_id, blocked, expected_revision: revision });

export interface MapAsk {
  way: Way;
  since: string;
  until: string;
  group: readonly LabelGroup[];
}

export const readClueMap = (id: string, asked: MapAsk, until: AbortSignal): Promise<ClueMap> =>
  ask("GET", `/cases/${id}/cluemap${told({ ...asked })}`, undefined, until);

export const listMaps = async (id: string, until: AbortSignal): Promise<KeptMap[]> =>
  (await ask<{ maps: KeptMap[] }>("GET", `/cases/${id}/cluemaps`, undefined, until)).maps;

export const keepMap = (id: string, { since, until, ...rest }: MapAsk, note: string): Promise<OldMap> =>
  ask("POST", `/cases/${id}/cluemaps`, { ...rest, ...(since && { since }), ...(until && { until }), note });

export const readMap = (id: string, map: string, until: AbortSignal): Promise<OldMap> =>
  ask("GET", `/cases/${id}/cluemaps/${map}`, undefined, until);
