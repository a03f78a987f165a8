/** A boundary, road or entrance while it is drawn, and how it is saved. */

import {
  addEntrance,
  addRoad,
  changeEntrance,
  changeRoad,
  type GroundArea,
  type GroundEntrance,
  type GroundRoad,
  type Position,
  putBoundary,
} from "../../api/map";
import type { Draw, LonLat } from "../../ui/map";

export interface Draft {
  what: "boundary" | "road" | "entrance";
  code: string;
  /** Null for a new one. */
  id: string | null;
  revision: number | null;
  points: Position[];
  name: string;
  bearing: string;
  cameras: string[];
}

export const DRAW: Record<Draft["what"], Draw> = { boundary: "polygon", road: "line", entrance: "point" };
const LEAST: Record<Draft["what"], number> = { boundary: 3, road: 2, entrance: 1 };

const NEW = { id: null, revision: null, points: [], name: "", bearing: "0", cameras: [] };

export const newRoad = (code: string): Draft => ({ ...NEW, what: "road", code });
export const newEntrance = (code: string): Draft => ({ ...NEW, what: "entrance", code });

export const boundaryOf = ({ code, revision, boundary }: GroundArea): Draft => ({
  ...NEW,
  what: "boundary",
  code,
  id: boundary === null ? null : code,
  revision,
  points: boundary ?? [],
});

export const roadDraft = ({ id, place_code, revision, path, name }: GroundRoad): Draft => ({
  ...NEW,
  what: "road",
  code: place_code,
  id,
  revision,
  points: path,
  name,
});

export const entranceDraft = (one: GroundEntrance): Draft => ({
  what: "entrance",
  code: one.place_code,
  id: one.id,
  revision: one.revision,
  points: [[one.lon, one.lat]],
  name: one.name,
  bearing: String(one.bearing_deg),
  cameras: one.camera_ids,
});

export const corners = (drawn: readonly LonLat[]): Position[] => drawn.map(([lon, lat]) => [lon, lat]);

/** The bearing as a number, or null when it is none of 0–359.9. */
export function bearingOf(text: string): number | null {
  const value = /^\d{1,3}(\.\d)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= 0 && value < 360 ? value : null;
}

export function complete(draft: Draft): boolean {
  if (draft.points.length < LEAST[draft.what]) return false;
  return draft.what !== "entrance" || (draft.name.trim() !== "" && bearingOf(draft.bearing) !== null);
}

/** Saves a complete draft. */
export async function save(draft: Draft): Promise<void> {
  const { id, revision, points, name } = draft;
  if (draft.what === "boundary") {
    await putBoundary(draft.code, points, revision);
  } else if (draft.what === "road") {
    const road = { name, path: points };
    await (id === null ? addRoad(draft.code, road) : changeRoad(id, road, revision));
  } else {
    const [lon, lat] = points[0]!;
    const entrance = { name, lat, lon, bearing_deg: bearingOf(draft.bearing) ?? 0, camera_ids: draft.cameras };
    await (id === null ? addEntrance(draft.code, entrance) : changeEntrance(id, entrance, revision));
  }
}
