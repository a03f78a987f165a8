/** What is drawn of places: boundaries, roads, entrances, and GeoJSON in and out. Positions are longitude, latitude. */

import { ask } from "./client";
import type { Datum } from "./register";
import type { Place } from "./types";

export type Position = [lon: number, lat: number];

export interface GroundArea {
  code: string;
  name: string;
  level: Place["level"];
  lat: number | null;
  lon: number | null;
  boundary: Position[] | null;
  revision: number;
}

export interface GroundRoad {
  id: string;
  place_code: string;
  name: string;
  path: Position[];
  revision: number;
}

export interface GroundEntrance {
  id: string;
  place_code: string;
  name: string;
  lat: number;
  lon: number;
  bearing_deg: number;
  camera_ids: string[];
  revision: number;
}

export interface Ground {
  areas: GroundArea[];
  roads: GroundRoad[];
  entrances: GroundEntrance[];
}

/** What becomes of one feature of a file. */
export interface SurveyStep {
  index: number;
  what: "boundary" | "road" | "entrance" | null;
  name: string;
  place_code: string | null;
  action: "add" | "change" | "same" | "refuse";
  reason: string | null;
  hint: string;
  doubts: string[];
}

export interface Survey {
  applied: boolean;
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  steps: SurveyStep[];
}

export const readGround = (code: string, signal?: AbortSignal): Promise<Ground> =>
  ask("GET", `/places/${code}/map`, undefined, signal);

export const putBoundary = (code: string, boundary: readonly Position[] | null, revision: number | null): Promise<GroundArea> =>
  ask("PUT", `/places/${code}/boundary`, { boundary, expected_revision: revision });

export interface RoadBody {
  name: string;
  path: readonly Position[];
}

export const addRoad = (code: string, road: RoadBody): Promise<GroundRoad> =>
  ask("POST", "/roads", { place_code: code, ...road });

export const changeRoad = (id: string, road: RoadBody, revision: number | null): Promise<GroundRoad> =>
  ask("PATCH", `/roads/${id}`, { ...road, expected_revision: revision });

export const removeRoad = (id: string): Promise<void> => ask("DELETE", `/roads/${id}`);

export interface EntranceBody {
  name: string;
  lat: number;
  lon: number;
  bearing_deg: number;
  camera_ids: readonly string[];
}

export const addEntrance = (code: string, entrance: EntranceBody): Promise<GroundEntrance> =>
  ask("POST", "/entrances", { place_code: code, ...entrance });

export const changeEntrance = (id: string, entrance: EntranceBody, revision: number | null): Promise<GroundEntrance> =>
  ask("PATCH", `/entrances/${id}`, { ...entrance, expected_revision: revision });

export const removeEntrance = (id: string): Promise<void> => ask("DELETE", `/entrances/${id}`);

export const exportGround = (code: string): Promise<unknown> => ask("GET", `/places/${code}/geojson`);

export const survey = (code: string, document: unknown, datum: Datum, apply: boolean, until?: AbortSignal): Promise<Survey> =>
  ask("POST", `/places/${code}/geojson?datum=${datum}&apply=${apply}`, document, until);
