/** A case's trail over the map: the roads that may be reached, where to search, sightings by their number, links. */

import type { LonLat } from "./shapes";

export interface Trail {
  /** The vanishing area, piece by piece. */
  reached: readonly (readonly LonLat[])[];
  /** An estimate where no road is known. */
  circle: { at: LonLat; radius_m: number } | null;
  sightings: readonly { no: number; at: LonLat; last: boolean }[];
  links: readonly { from: LonLat; to: LonLat; solid: boolean }[];
  borders: readonly { at: LonLat; held: "shut" | "dark" | "seen" }[];
  search: { at: LonLat; bearings: readonly number[] } | null;
  blocked: readonly (readonly LonLat[])[];
}

/** What it needs of the map's own pen. */
export interface Ground {
  pen: CanvasRenderingContext2D;
  ink: Record<"ok" | "wait" | "bad" | "ink" | "surface" | "accent" | "mark", string>;
  font: string;
  pixel: (at: LonLat) => [number, number];
  pixelsOf: (metres: number, lat: number) => number;
}

const FULL = 2 * Math.PI;
const AREA_M = 60;
const FAN_PX = 74;

export function paintArea({ pen, ink, pixel, pixelsOf }: Ground, trail: Trail): void {
  const lat = trail.reached[0]?.[0]?.[1] ?? trail.circle?.at[1] ?? 45;
  if (trail.circle) {
    const [x, y] = pixel(trail.circle.at);
    pen.beginPath();
    pen.arc(x, y, pixelsOf(trail.circle.radius_m, lat), 0, FULL);
    wash(pen, ink.bad, 0.1);
  }
  if (trail.search) fan(pen, ink.mark, pixel(trail.search.at), trail.search.bearings);
  pen.lineCap = "round";
  for (const [width, alpha] of [
    [Math.max(14, pixelsOf(AREA_M * 2, lat)), 0.16],
    [4, 0.95],
  ] as const) {
    // One path for all: where two wide strokes cross, the wash stays even.
    pen.beginPath();
    for (const piece of trail.reached) {
      piece.forEach((one, index) => {
        const [x, y] = pixel(one);
        if (index === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      });
    }
    pen.strokeStyle = ink.bad;
    pen.lineWidth = width;
    pen.globalAlpha = alpha;
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.lineCap = "butt";
  for (const path of trail.blocked) crosses(pen, ink.ink, path.map(pixel));
}

export function paintMarks({ pen, ink, font, pixel }: Ground, trail: Trail): void {
  for (const one of trail.links) arrow(pen, ink.accent, pixel(one.from), pixel(one.to), one.solid);
  for (const one of trail.borders) border(pen, ink, pixel(one.at), one.held);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = `700 13px ${font}`;
  for (const one of trail.sightings) {
    const [x, y] = pixel(one.at);
    pen.beginPath();
    pen.arc(x, y, one.last ? 13 : 11, 0, FULL);
    pen.fillStyle = one.last ? ink.bad : ink.accent;
    pen.fill();
    pen.strokeStyle = ink.surface;
    pen.lineWidth = 2;
    pen.stroke();
    pen.fillStyle = ink.surface;
    pen.fillText(String(one.no), x, y + 0.5);
  }
}

function wash(pen: CanvasRenderingContext2D, colour: string, alpha: number): void {
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.globalAlpha = alpha;
  pen.fill();
  pen.globalAlpha = 0.8;
  pen.lineWidth = 1.5;
  pen.setLineDash([6, 4]);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

/** The eighths of the compass to search, around where it was last seen. */
function fan(pen: CanvasRenderingContext2D, colour: string, [x, y]: [number, number], bearings: readonly number[]): void {
  for (const one of bearings) {
    const middle = ((one - 90) * Math.PI) / 180;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, FAN_PX, middle - Math.PI / 8, middle + Math.PI / 8);
    pen.closePath();
    pen.fillStyle = colour;
    pen.globalAlpha = 0.4;
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/** A camera at the area's edge: a bar that ends it, or a ring with a gap where it was blind, or a plain ring. */
function border(pen: CanvasRenderingContext2D, ink: Ground["ink"], [x, y]: [number, number], held: Trail["borders"][number]["held"]): void {
  pen.lineWidth = 3;
  pen.strokeStyle = held === "shut" ? ink.ok : held === "dark" ? ink.wait : ink.bad;
  pen.beginPath();
  if (held === "shut") {
    pen.rect(x - 9, y - 9, 18, 18);
  } else {
    pen.setLineDash(held === "dark" ? [5, 5] : []);
    pen.arc(x, y, 10, 0, FULL);
  }
  pen.stroke();
  pen.setLineDash([]);
}

function arrow(pen: CanvasRenderingContext2D, colour: string, from: [number, number], to: [number, number], solid: boolean): void {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const [x, y] = [to[0] - 14 * Math.cos(angle), to[1] - 14 * Math.sin(angle)];
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 3;
  pen.setLineDash(solid ? [] : [8, 6]);
  pen.beginPath();
  pen.moveTo(from[0], from[1]);
  pen.lineTo(x, y);
  pen.stroke();
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(x, y);
  for (const turn of [2.6, -2.6]) pen.lineTo(x + 11 * Math.cos(angle + turn), y + 11 * Math.sin(angle + turn));
  pen.closePath();
  pen.fill();
}

/** A blocked road: small crosses along it. */
function crosses(pen: CanvasRenderingContext2D, colour: string, path: readonly [number, number][]): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  path.slice(1).forEach(([bx, by], index) => {
    const [ax, ay] = path[index]!;
    const steps = Math.max(1, Math.floor(Math.hypot(bx - ax, by - ay) / 40));
    for (let n = 0; n < steps; n += 1) {
      const share = (n + 0.5) / steps;
      const [x, y] = [ax + (bx - ax) * share, ay + (by - ay) * share];
      pen.beginPath();
      pen.moveTo(x - 4, y - 4);
      pen.lineTo(x + 4, y + 4);
      pen.moveTo(x + 4, y - 4);
      pen.lineTo(x - 4, y + 4);
      pen.stroke();
    }
  });
}
