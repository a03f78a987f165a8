/**
 * Positions as people type them, on the WGS-84 the hub keeps. Phones, 高德 and 腾讯 tell GCJ-02, 百度 BD-09: off by some
 * 550 m here, which puts a camera into another hamlet. The published GCJ-02 formulas on the Krasovsky 1940 ellipsoid,
 * turned round by iteration, to a few centimetres.
 */

import type { Datum } from "../api/register";

export interface Position {
  lat: number;
  lon: number;
}

const AXIS_M = 6_378_245;
const ECCENTRICITY_2 = 0.006_693_421_622_965_943;
const RAD = Math.PI / 180;
const BD = (Math.PI * 3000) / 180;

/** Outside China the shifted datums are WGS-84 itself. */
const isInChina = ({ lat, lon }: Position): boolean => lon > 72 && lon < 137.9 && lat > 0.8 && lat < 55.9;

function shift({ lat, lon }: Position): Position {
  const [x, y] = [lon - 105, lat - 35];
  const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves;
  north += (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3);
  north += (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y / 30) * Math.PI)) * (2 / 3);
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves;
  east += (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3);
  east += (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
  const flat = 1 - ECCENTRICITY_2 * Math.sin(lat * RAD) ** 2;
  return {
    lat: north / RAD / ((AXIS_M * (1 - ECCENTRICITY_2)) / (flat * Math.sqrt(flat))),
    lon: east / RAD / ((AXIS_M / Math.sqrt(flat)) * Math.cos(lat * RAD)),
  };
}

export function toGcj(at: Position): Position {
  if (!isInChina(at)) return at;
  const by = shift(at);
  return { lat: at.lat + by.lat, lon: at.lon + by.lon };
}

function fromGcj(at: Position): Position {
  let found = at;
  for (let round = 0; round < 6; round += 1) {
    const there = toGcj(found);
    found = { lat: found.lat - (there.lat - at.lat), lon: found.lon - (there.lon - at.lon) };
  }
  return found;
}

function fromBd({ lat, lon }: Position): Position {
  const [x, y] = [lon - 0.0065, lat - 0.006];
  const far = Math.hypot(x, y) - 0.000_02 * Math.sin(y * BD);
  const angle = Math.atan2(y, x) - 0.000_003 * Math.cos(x * BD);
  return { lat: far * Math.sin(angle), lon: far * Math.cos(angle) };
}

/** The WGS-84 position of one told in another datum. */
export function toWgs(at: Position, datum: Datum): Position {
  if (datum === "wgs84" || !isInChina(at)) return at;
  return fromGcj(datum === "bd09" ? fromBd(at) : at);
}
