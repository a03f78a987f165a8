/** Townships, villages and cameras as one tree to choose from, and what choosing means: places, or cameras by name. */

import type { Camera } from "../api/types";
import { byVillage, type Village } from "./cameras";
import { MOST_CAMERAS, MOST_PLACES } from "./filters";

export interface Town {
  code: string;
  name: string;
  villages: Village[];
  count: number;
}

export interface Tree {
  towns: Town[];
  /** What is searched, in lower case, beside the camera. */
  cameras: { camera: Camera; text: string; town: string }[];
}

export interface Chosen {
  place: readonly string[];
  camera: readonly string[];
}

export function grow(cameras: readonly Camera[], nameOf: (villageCode: string) => string): Tree {
  const towns = new Map<string, Town>();
  const found: Tree["cameras"] = [];
  for (const village of byVillage(cameras)) {
    const code = village.code.slice(0, 9);
    const town = towns.get(code) ?? { code, name: nameOf(village.code), villages: [], count: 0 };
    towns.set(code, town);
    town.villages.push(village);
    town.count += village.cameras.length;
    for (const camera of village.cameras)
      found.push({ camera, town: town.name, text: `${town.name} ${village.name} ${camera.name}`.toLowerCase() });
  }
  return { towns: [...towns.values()], cameras: found };
}

export interface Found {
  villages: Village[];
  cameras: Camera[];
  /** Cameras that match besides those given. */
  more: number;
}

/** Villages and cameras whose names hold every word of the text. */
export function find(tree: Tree, text: string, most: number): Found {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (name: string): boolean => words.every((word) => name.includes(word));
  const villages: Village[] = [];
  for (const town of tree.towns)
    for (const village of town.villages)
      if (villages.length < 8 && holds(`${town.name} ${village.name}`.toLowerCase())) villages.push(village);
  const cameras: Camera[] = [];
  let more = 0;
  for (const one of tree.cameras) {
    if (!holds(one.text)) continue;
    if (cameras.length < most) cameras.push(one.camera);
    else more += 1;
  }
  return { villages, cameras, more };
}

/** Whether a place lies in one that is chosen, or is one. */
export const covers = (chosen: Chosen, code: string): boolean => chosen.place.some((one) => code.startsWith(one));

export const hasCamera = (chosen: Chosen, camera: Camera): boolean =>
  chosen.camera.length > 0 ? chosen.camera.includes(camera.id) : covers(chosen, camera.village_code);

const inPlaces = (tree: Tree, places: readonly string[]): string[] =>
  tree.cameras
    .filter(({ camera }) => places.some((code) => camera.village_code.startsWith(code)))
    .map(({ camera }) => camera.id);

/** The hub takes places and cameras that must both hold; so a mixture is told as cameras, as many as it takes. */
export function toggleCamera(tree: Tree, chosen: Chosen, camera: Camera): Chosen {
  const named = chosen.camera.length > 0 ? chosen.camera : inPlaces(tree, chosen.place);
  const next = named.includes(camera.id) ? named.filter((one) => one !== camera.id) : [...named, camera.id];
  return { place: [], camera: next.length <= MOST_CAMERAS ? next : [camera.id] };
}

export function togglePlace(tree: Tree, chosen: Chosen, code: string): Chosen {
  if (chosen.place.includes(code)) return { place: chosen.place.filter((one) => one !== code), camera: [] };
  const broader = chosen.place.find((one) => code.startsWith(one));
  if (broader) {
    const siblings = tree.towns.find((town) => town.code === broader)?.villages.map((one) => one.code) ?? [];
    return { place: [...chosen.place.filter((one) => one !== broader), ...siblings.filter((one) => one !== code)], camera: [] };
  }
  if (chosen.camera.length > 0) {
    const both = [...new Set([...chosen.camera, ...inPlaces(tree, [code])])];
    return both.length <= MOST_CAMERAS ? { place: [], camera: both } : { place: [code], camera: [] };
  }
  const place = [...chosen.place.filter((one) => !one.startsWith(code)), code];
  return { place: place.slice(-MOST_PLACES), camera: [] };
}
