/** Reckoning on the map: spherical Mercator (EPSG:3857) on a unit square, distances and bearings on a sphere. */

import type { LonLat } from "./shapes";

const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;
/** Beyond this latitude the projection ends. */
const MOST_NORTH = 85.051_128_78;
export const TILE = 256;

/** A position on the unit square, x east and y south. */
export function project([lon, lat]: LonLat): [number, number] {
  const sine = Math.sin(Math.max(-MOST_NORTH, Math.min(MOST_NORTH, lat)) * RAD);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** Metres on the ground for one pixel at a zoom and latitude. */
export const metresPerPixel = (zoom: number, lat: number): number =>
  (2 * Math.PI * EARTH_M * Math.cos(lat * RAD)) / (TILE * 2 ** zoom);

/** The great-circle distance in metres (haversine). */
export function distance(a: LonLat, b: LonLat): number {
  const north = Math.sin(((b[1] - a[1]) * RAD) / 2);
  const east = Math.sin(((b[0] - a[0]) * RAD) / 2);
  const square = north * north + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * east * east;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(square)));
}

/** Where one is after `metres` in a direction (degrees clockwise from north). */
export function travel(from: LonLat, bearing: number, metres: number): LonLat {
  const angle = metres / EARTH_M;
  const lat = from[1] * RAD;
  const end = Math.asin(Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(bearing * RAD));
  const east = Math.atan2(
    Math.sin(bearing * RAD) * Math.sin(angle) * Math.cos(lat),
    Math.cos(angle) - Math.sin(lat) * Math.sin(end),
  );
  return [from[0] + east / RAD, end / RAD];
}

/** The direction from one position to another, 0–360 clockwise from north. */
export function bearing(from: LonLat, to: LonLat): number {
  const [a, b] = [from[1] * RAD, to[1] * RAD];
  const east = (to[0] - from[0]) * RAD;
  const turn = Math.atan2(
    Math.sin(east) * Math.cos(b),
    Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(east),
  );
  return (turn / RAD + 360) % 360;
}

/** Seven decimals are a centimetre: more is noise in what people read and send. */
export const rounded = ([lon, lat]: LonLat): LonLat => [Number(lon.toFixed(7)), Number(lat.toFixed(7))];

/** West, south, east, north of positions; null without any. */
export function extent(positions: Iterable<LonLat>): [number, number, number, number] | null {
  let found: [number, number, number, number] | null = null;
  for (const [lon, lat] of positions) {
    if (found === null) found = [lon, lat, lon, lat];
    else {
      found[0] = Math.min(found[0], lon);
      found[1] = Math.min(found[1], lat);
      found[2] = Math.max(found[2], lon);
      found[3] = Math.max(found[3], lat);
    }
  }
  return found;
}

/** The step of a grid in degrees, about `pixels` wide: 1, 2 or 5 of a power of ten. */
export function gridStep(zoom: number, pixels: number): number {
  const degrees = (360 * pixels) / (TILE * 2 ** zoom);
  const power = 10 ** Math.floor(Math.log10(degrees));
  return power * ([1, 2, 5].find((one) => one * power >= degrees) ?? 10);
}

/** Latitude and longitude out of what somebody typed: "45.7312, 123.9411"; null when it is no such pair. */
export function parsePosition(text: string): LonLat | null {
  const match = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  if (!match) return null;
  const [lat, lon] = [Number(match[1]), Number(match[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

export const written = ([lon, lat]: LonLat): string => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
