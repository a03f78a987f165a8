/** Walls people saved, and the screens of the room that show one. */

import { ask, request } from "./client";

export const LAYOUTS = ["1", "4", "9", "16", "25", "1+5", "1+7"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Cameras that go round: those named, then those of a place, as they come and go. */
export interface RotationPlan {
  cameras: string[];
  prefix: string | null;
  dwell_s: number;
}

/** Where an activity wall looks: villages or cameras; without any, everywhere. */
export interface ActivityPlan {
  prefixes: string[];
  cameras: string[];
  hold_s: number;
}

export interface WallBody {
  layout: Layout;
  /** Cameras that stay where they are; rotation and activity take the other tiles. */
  tiles: (string | null)[];
  rotation: RotationPlan | null;
  activity: ActivityPlan | null;
}

export interface NewWall {
  name: string;
  shared: boolean;
  body: WallBody;
}

export interface Wall extends NewWall {
  id: string;
  revision: number;
  owner: string;
  /** Whether one may change it. */
  mine: boolean;
  updated_at: string;
}

export interface WallScreen {
  name: string;
  layout: string;
  user: string;
  since: string;
}

export const listWalls = async (until?: AbortSignal): Promise<Wall[]> =>
  (await ask<{ walls: Wall[] }>("GET", "/walls", undefined, until)).walls;

export const createWall = (made: NewWall): Promise<Wall> => ask("POST", "/walls", made);

export const changeWall = (id: string, revision: number, made: NewWall): Promise<Wall> =>
  ask("PUT", `/walls/${id}`, { ...made, expected_revision: revision });

export const removeWall = (id: string): Promise<void> => ask("DELETE", `/walls/${id}`);

export const listScreens = async (until?: AbortSignal): Promise<WallScreen[]> =>
  (await ask<{ screens: WallScreen[] }>("GET", "/screens", undefined, until)).screens;

export const showOn = (screen: string, camera: string, tile: number | null): Promise<unknown> =>
  ask("POST", `/screens/${encodeURIComponent(screen)}/show`, { camera_id: camera, tile });

/** The camera's picture of now as it comes from its best stream, a JPEG. */
export const pictureNow = (camera: string): Promise<Blob> =>
  request("GET", `/cameras/${camera}/picture?size=full`, (answer) => answer.blob());

/** Cameras in scope that may not be watched now, and the problem's code that says why. */
export const listRefused = async (until?: AbortSignal): Promise<{ camera_id: string; code: string }[]> =>
  (await ask<{ refused: { camera_id: string; code: string }[] }>("GET", "/walls/refused", undefined, until)).refused;
