/** Draws a scene on a canvas over the whole map, and remembers where things lie so that a click finds them. */

import { toneOf } from "../../store/cameras";
import { gridStep, metresPerPixel, project, TILE } from "./geo";
import type { Circle, Cone, Entrance, LonLat, MapCamera, Picked, Scene } from "./shapes";
import { type Ground, paintArea, paintMarks } from "./trail";

/** What the map shows: `left` and `top` are the window's corner in pixels of the whole world at this zoom. */
export interface Window {
  zoom: number;
  left: number;
  top: number;
  width: number;
  height: number;
  lat: number;
}

type Tone = ReturnType<typeof toneOf>;
type Spot = { x: number; y: number; reach: number; pick: Picked | null };
type Ink = Record<"ok" | "wait" | "bad" | "idle" | "ink" | "soft" | "line" | "surface" | "accent" | "mark", string>;

const TONES: readonly Tone[] = ["bad", "wait", "idle", "ok"];
const CELL = 46;
const CONES_FROM = 13.5;
const GATES_FROM = 13;
const NAMES_FROM = 16;
const APART_FROM = 16.5;
const VIEW_M = 60;
const DEFAULT_ANGLE = 60;
const FULL = 2 * Math.PI;

interface Placed {
  camera: MapCamera;
  x: number;
  y: number;
  tone: Tone;
}

export class Painter {
  private readonly pen: CanvasRenderingContext2D;
  private ink!: Ink;
  private font = "sans-serif";
  private spots: Spot[] = [];
  private names: { x0: number; y0: number; x1: number; y1: number }[] = [];
  private at!: Window;
  private known: readonly MapCamera[] = [];
  private placed: Placed[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d")!;
    this.recolour();
  }

  /** Reads the page's colours anew, after the theme changed. */
  recolour(): void {
    const style = getComputedStyle(document.documentElement);
    const of = (name: string): string => style.getPropertyValue(name).trim();
    this.ink = {
      ok: of("--ok"),
      wait: of("--wait"),
      bad: of("--bad"),
      idle: of("--idle"),
      ink: of("--ink"),
      soft: of("--ink-2"),
      line: of("--line"),
      surface: of("--surface"),
      accent: of("--accent"),
      mark: of("--mark"),
    };
    this.font = getComputedStyle(document.body).fontFamily;
  }

  /** What lies at a pixel of the window, the nearest first. */
  pickAt(x: number, y: number): Picked | null | "cluster" {
    let best: Spot | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const one of this.spots) {
      const away = Math.hypot(one.x - x, one.y - y) - one.reach;
      if (away <= 4 && away < least) [best, least] = [one, away];
    }
    return best === null ? null : (best.pick ?? "cluster");
  }

  paint(scene: Scene, at: Window): void {
    this.at = at;
    this.spots = [];
    this.names = [];
    const scale = devicePixelRatio || 1;
    const [wide, high] = [Math.round(at.width * scale), Math.round(at.height * scale)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.pen.clearRect(0, 0, at.width, at.height);
    this.pen.lineJoin = "round";
    this.grid();
    for (const area of scene.areas) if (area.boundary) this.area(area.boundary, area.code === scene.selected);
    for (const road of scene.roads) this.road(road.path, road.id === scene.selected);
    for (const one of scene.rings) this.measured(one);
    if (scene.circle) this.circle(scene.circle);
    if (scene.trail) paintArea(this.ground(), scene.trail);
    this.cameras(scene);
    for (const one of scene.entrances) this.entrance(one, one.id === scene.selected);
    if (scene.cone) this.preview(scene.cone);
    this.drawn(scene);
    if (scene.trail) paintMarks(this.ground(), scene.trail);
    if (at.zoom >= 9) for (const area of scene.areas) this.areaName(area);
    if (at.zoom >= 15) for (const road of scene.roads) this.roadName(road.name, road.path);
  }

  private ground(): Ground {
    const pixelsOf = (metres: number, lat: number): number => metres / metresPerPixel(this.at.zoom, lat);
    return { pen: this.pen, ink: this.ink, font: this.font, pixel: (at) => this.pixel(at), pixelsOf };
  }

  private pixel(position: LonLat): [number, number] {
    const [x, y] = project(position);
    const world = TILE * 2 ** this.at.zoom;
    return [x * world - this.at.left, y * world - this.at.top];
  }

  private inside(x: number, y: number, margin: number): boolean {
    return x > -margin && y > -margin && x < this.at.width + margin && y < this.at.height + margin;
  }

  private trace(path: readonly LonLat[], closed: boolean): void {
    this.pen.beginPath();
    path.forEach((one, index) => {
      const [x, y] = this.pixel(one);
      if (index === 0) this.pen.moveTo(x, y);
      else this.pen.lineTo(x, y);
    });
    if (closed) this.pen.closePath();
  }

  /** A quiet graticule, so that an empty stretch is seen to be land and not a fault. */
  private grid(): void {
    const { pen, at } = this;
    const step = gridStep(at.zoom, 110);
    const world = TILE * 2 ** at.zoom;
    pen.strokeStyle = this.ink.line;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.6;
    pen.beginPath();
    const first = Math.ceil(((at.left / world - 0.5) * 360) / step);
    for (let n = first; ; n += 1) {
      const x = Math.round(((n * step) / 360 + 0.5) * world - at.left) + 0.5;
      if (x > at.width) break;
      pen.moveTo(x, 0);
      pen.lineTo(x, at.height);
    }
    // Lines of latitude lie closer than this step only beyond the poles' projection.
    const south = Math.floor(this.latitudeAt(at.height) / step);
    const north = Math.ceil(this.latitudeAt(0) / step);
    for (let n = south; n <= north; n += 1) {
      const y = Math.round(this.pixel([0, n * step])[1]) + 0.5;
      pen.moveTo(0, y);
      pen.lineTo(at.width, y);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  private latitudeAt(y: number): number {
    const share = (y + this.at.top) / (TILE * 2 ** this.at.zoom);
    return (Math.atan(Math.sinh(Math.PI * (1 - 2 * share))) * 180) / Math.PI;
  }

  private area(boundary: readonly LonLat[], selected: boolean): void {
    const { pen } = this;
    this.trace(boundary, true);
    pen.fillStyle = this.ink.accent;
    pen.globalAlpha = selected ? 0.12 : 0.06;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = selected ? this.ink.accent : this.ink.soft;
    pen.lineWidth = selected ? 2 : 1.2;
    pen.setLineDash([7, 4]);
    pen.stroke();
    pen.setLineDash([]);
  }

  private road(path: readonly LonLat[], selected: boolean): void {
    const { pen } = this;
    this.trace(path, false);
    pen.lineCap = "round";
    pen.strokeStyle = selected ? this.ink.accent : this.ink.idle;
    pen.lineWidth = this.at.zoom >= 15 ? 6 : 3;
    pen.stroke();
    pen.strokeStyle = this.ink.surface;
    pen.lineWidth = this.at.zoom >= 15 ? 3.5 : 1.4;
    pen.stroke();
    pen.lineCap = "butt";
  }

  private circle(circle: Circle): void {
    const { pen } = this;
    const [x, y] = this.pixel([circle.lon, circle.lat]);
    pen.beginPath();
    pen.arc(x, y, circle.radius_m / metresPerPixel(this.at.zoom, circle.lat), 0, FULL);
    pen.fillStyle = this.ink.mark;
    pen.globalAlpha = 0.14;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = this.ink.mark;
    pen.lineWidth = 2;
    pen.stroke();
  }

  /** A circle to read distances by, and its middle. */
  private measured(circle: Circle): void {
    const { pen } = this;
    const [x, y] = this.pixel([circle.lon, circle.lat]);
    pen.beginPath();
    pen.arc(x, y, circle.radius_m / metresPerPixel(this.at.zoom, circle.lat), 0, FULL);
    pen.setLineDash([6, 5]);
    pen.strokeStyle = this.ink.mark;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    pen.arc(x, y, 5, 0, FULL);
    pen.fillStyle = this.ink.mark;
    pen.fill();
  }

  private place(cameras: readonly MapCamera[]): void {
    if (this.known === cameras) return;
    this.known = cameras;
    this.placed = [];
    for (const camera of cameras) {
      if (camera.lat === null || camera.lon === null) continue;
      const [x, y] = project([camera.lon, camera.lat]);
      this.placed.push({ camera, x, y, tone: toneOf(camera.status) });
    }
  }

  /** Far out, cameras that lie together are one bubble with their number; near, each is a dot with its view. */
  private cameras(scene: Scene): void {
    this.place(scene.cameras);
    const world = TILE * 2 ** this.at.zoom;
    const cells = new Map<number, Placed[]>();
    const alone: Placed[] = [];
    for (const one of this.placed) {
      const x = one.x * world;
      const y = one.y * world;
      if (!this.inside(x - this.at.left, y - this.at.top, 160)) continue;
      if (this.at.zoom >= APART_FROM) {
        alone.push(one);
        continue;
      }
      const key = Math.floor(x / CELL) * 16_777_216 + Math.floor(y / CELL);
      const cell = cells.get(key);
      if (cell) cell.push(one);
      else cells.set(key, [one]);
    }
    const bubbles: Placed[][] = [];
    for (const cell of cells.values()) {
      if (cell.length > 2 && !this.spread(cell, world)) bubbles.push(cell);
      else alone.push(...cell);
    }
    if (this.at.zoom >= CONES_FROM) for (const one of alone) this.cone(one, world);
    for (const cell of bubbles) this.bubble(cell, world, scene.selected);
    for (const one of alone) this.dot(one, world, one.camera.id === scene.selected);
    if (this.at.zoom >= NAMES_FROM) for (const one of alone) this.cameraName(one, world);
  }

  /** Whether the dots of a cell lie far enough apart to be told from each other. */
  private spread(cell: readonly Placed[], world: number): boolean {
    if (cell.length > 4) return false;
    return cell.every((a, i) => cell.slice(i + 1).every((b) => Math.hypot(a.x - b.x, a.y - b.y) * world > 16));
  }

  private bubble(cell: readonly Placed[], world: number, selected: string | null): void {
    const { pen } = this;
    const x = (cell.reduce((sum, one) => sum + one.x, 0) / cell.length) * world - this.at.left;
    const y = (cell.reduce((sum, one) => sum + one.y, 0) / cell.length) * world - this.at.top;
    const radius = Math.min(20, 11 + Math.log10(cell.length) * 5);
    pen.beginPath();
    pen.arc(x, y, radius, 0, FULL);
    pen.fillStyle = this.ink.surface;
    pen.fill();
    pen.lineWidth = 4;
    let from = -Math.PI / 2;
    for (const kind of TONES) {
      const share = cell.filter((one) => one.tone === kind).length / cell.length;
      if (share === 0) continue;
      pen.beginPath();
      pen.arc(x, y, radius, from, from + share * FULL);
      pen.strokeStyle = this.ink[kind];
      pen.stroke();
      from += share * FULL;
    }
    if (cell.some((one) => one.camera.id === selected)) this.ring(x, y, radius + 5);
    this.text(String(cell.length), x, y, "center", 600, 12);
    this.spots.push({ x, y, reach: radius, pick: null });
  }

  private ring(x: number, y: number, radius: number): void {
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, FULL);
    this.pen.strokeStyle = this.ink.accent;
    this.pen.lineWidth = 2.5;
    this.pen.stroke();
  }

  private sector(x: number, y: number, facing: number, angle: number, reach: number, colour: string, alpha: number): void {
    const { pen } = this;
    const middle = ((facing - 90) * Math.PI) / 180;
    const half = (Math.min(angle, 360) * Math.PI) / 360;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, reach, middle - half, middle + half);
    pen.closePath();
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    pen.fill();
    pen.globalAlpha = Math.min(1, alpha * 3);
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  private reachOfView(): number {
    return Math.max(20, Math.min(130, VIEW_M / metresPerPixel(this.at.zoom, this.at.lat)));
  }

  private cone({ camera, x, y, tone: kind }: Placed, world: number): void {
    if (camera.bearing_deg === null) return;
    const angle = camera.view_angle_deg ?? DEFAULT_ANGLE;
    const colour = this.ink[kind];
    this.sector(x * world - this.at.left, y * world - this.at.top, camera.bearing_deg, angle, this.reachOfView(), colour, 0.2);
  }

  private dot({ camera, x, y, tone: kind }: Placed, world: number, selected: boolean): void {
    const { pen } = this;
    const [px, py] = [x * world - this.at.left, y * world - this.at.top];
    pen.beginPath();
    pen.arc(px, py, 5.5, 0, FULL);
    pen.fillStyle = this.ink[kind];
    pen.fill();
    pen.strokeStyle = this.ink.surface;
    pen.lineWidth = 1.5;
    pen.stroke();
    if (kind === "bad") {
      // Not by colour alone: what fails has a hole.
      pen.beginPath();
      pen.arc(px, py, 2, 0, FULL);
      pen.fillStyle = this.ink.surface;
      pen.fill();
    }
    if (selected) this.ring(px, py, 10);
    this.spots.push({ x: px, y: py, reach: 7, pick: { kind: "camera", id: camera.id } });
  }

  /** A gate with an arrow through it: the way one comes in. */
  private entrance(one: Entrance, selected: boolean): void {
    const { pen } = this;
    const [x, y] = this.pixel([one.lon, one.lat]);
    if (!this.inside(x, y, 40)) return;
    if (this.at.zoom < GATES_FROM) return;
    pen.save();
    pen.translate(x, y);
    pen.rotate((one.bearing_deg * Math.PI) / 180);
    pen.beginPath();
    pen.moveTo(0, -15);
    pen.lineTo(8, -1);
    pen.lineTo(3, -1);
    pen.lineTo(3, 12);
    pen.lineTo(-3, 12);
    pen.lineTo(-3, -1);
    pen.lineTo(-8, -1);
    pen.closePath();
    pen.fillStyle = this.ink.accent;
    pen.fill();
    pen.strokeStyle = this.ink.surface;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.restore();
    if (selected) this.ring(x, y, 20);
    this.spots.push({ x, y, reach: 12, pick: { kind: "entrance", id: one.id } });
    if (this.at.zoom >= 14.5) this.label(one.name, x, y + 24, 12, 600);
  }

  private preview(cone: Cone): void {
    const [x, y] = this.pixel([cone.lon, cone.lat]);
    if (cone.bearing_deg !== null) {
      const reach = this.reachOfView();
      this.sector(x, y, cone.bearing_deg, cone.view_angle_deg ?? DEFAULT_ANGLE, reach, this.ink.accent, 0.28);
    }
    this.pen.beginPath();
    this.pen.arc(x, y, 7, 0, FULL);
    this.pen.fillStyle = this.ink.accent;
    this.pen.fill();
  }

  private drawn({ drawn, draw }: Scene): void {
    const { pen } = this;
    if (draw === "point" && drawn[0]) this.ring(...this.pixel(drawn[0]), 13);
    if (draw === null || draw === "point" || drawn.length < 2) return;
    this.trace(drawn, draw === "polygon");
    if (draw === "polygon") {
      pen.fillStyle = this.ink.mark;
      pen.globalAlpha = 0.18;
      pen.fill();
      pen.globalAlpha = 1;
    }
    pen.strokeStyle = this.ink.mark;
    pen.lineWidth = 3;
    pen.stroke();
  }

  private text(text: string, x: number, y: number, align: CanvasTextAlign, weight: number, size: number): void {
    const { pen } = this;
    pen.font = `${weight} ${size}px ${this.font}`;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.strokeStyle = this.ink.surface;
    pen.lineWidth = 3;
    pen.strokeText(text, x, y);
    pen.fillStyle = this.ink.ink;
    pen.fillText(text, x, y);
  }

  /** A name, unless another stands there already. */
  private label(name: string, x: number, y: number, size: number, weight: number): void {
    if (!this.inside(x, y, 60)) return;
    const text = name.length > 24 ? `${name.slice(0, 23)}…` : name;
    this.pen.font = `${weight} ${size}px ${this.font}`;
    const half = this.pen.measureText(text).width / 2;
    const box = { x0: x - half - 3, y0: y - size * 0.7, x1: x + half + 3, y1: y + size * 0.7 };
    if (this.names.some((one) => one.x0 < box.x1 && box.x0 < one.x1 && one.y0 < box.y1 && box.y0 < one.y1)) return;
    this.names.push(box);
    this.text(text, x, y, "center", weight, size);
  }

  private cameraName({ camera, x, y }: Placed, world: number): void {
    this.label(camera.name, x * world - this.at.left, y * world - this.at.top + 17, 12, 400);
  }

  private roadName(name: string, path: readonly LonLat[]): void {
    const middle = path[Math.floor(path.length / 2)];
    if (name === "" || !middle) return;
    const [x, y] = this.pixel(middle);
    this.label(name, x, y - 11, 11, 400);
  }

  private areaName(area: { name: string; lat: number | null; lon: number | null; boundary: readonly LonLat[] | null }): void {
    const { boundary } = area;
    if (boundary) {
      const tops = boundary.map((one) => this.pixel(one));
      const [left, right] = [Math.min(...tops.map(([x]) => x)), Math.max(...tops.map(([x]) => x))];
      const top = Math.min(...tops.map(([, y]) => y));
      // A name wider than its village stands above it.
      const inside = right - left >= 60;
      this.label(area.name, (left + right) / 2, inside ? Math.max(top, 0) + 14 : top - 16, inside ? 14 : 12, 600);
    } else if (area.lat !== null && area.lon !== null) {
      const [x, y] = this.pixel([area.lon, area.lat]);
      this.label(area.name, x, y, 13, 600);
    }
  }
}
