/** What a map of an area shows. Positions are WGS-84 degrees; a list of positions is in GeoJSON's order, longitude first. */

import type { CameraStatus } from "../../api/types";
import type { Trail } from "./trail";

/** Corners to drag beyond this number would be a crowd. */
export const MOST_HANDLES = 150;

export type LonLat = readonly [lon: number, lat: number];

/** A county, township or village: its boundary is one ring, closed by itself (the first corner is not repeated). */
export interface Area {
  code: string;
  name: string;
  lat: number | null;
  lon: number | null;
  boundary: readonly LonLat[] | null;
}

export interface Road {
  id: string;
  name: string;
  path: readonly LonLat[];
}

/** A way into a village; `bearing_deg` is the direction in which one enters, clockwise from north. */
export interface Entrance {
  id: string;
  name: string;
  lat: number;
  lon: number;
  bearing_deg: number;
}

/** As much of a camera as a map needs; the API's own cameras fit. */
export interface MapCamera {
  id: string;
  name: string;
  lat: number | null;
  lon: number | null;
  bearing_deg: number | null;
  view_angle_deg: number | null;
  status: Pick<CameraStatus, "state" | "reason" | "picture">;
}

export interface Circle {
  lat: number;
  lon: number;
  radius_m: number;
}

/** A camera's view while it is being set: where it stands, where it looks, how wide. */
export interface Cone {
  lat: number;
  lon: number;
  bearing_deg: number | null;
  view_angle_deg: number | null;
}

export type Draw = "polygon" | "line" | "point";

export type Picked = { kind: "camera" | "entrance"; id: string };

/** All that is drawn. `drawn` are the corners set by hand so far. */
export interface Scene {
  areas: readonly Area[];
  roads: readonly Road[];
  entrances: readonly Entrance[];
  cameras: readonly MapCamera[];
  selected: string | null;
  circle: Circle | null;
  cone: Cone | null;
  drawn: readonly LonLat[];
  draw: Draw | null;
  /** Circles to read distances by; nobody drags them. */
  rings: readonly Circle[];
  trail: Trail | null;
}
