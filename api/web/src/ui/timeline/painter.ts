/** Draws the lanes of a timeline on a canvas: what is recorded is filled, what is missing is hatched, all else is bare. */

import type { LabelGroup } from "../../api/types";
import { GROUPS } from "../../api/types";
import { stamp } from "../../i18n/time";
import type { Footage, Happened, Span } from "../../store/footage";
import { DAY, MINUTE, SECOND, spanOf, ticks, type View, xOf } from "./scale";

export interface Lane {
  id: string;
  name: string;
  footage: Footage | null;
  happened: Happened | null;
  /** Segments that cannot be read in full. */
  damaged: readonly Span[];
}

export interface Scene {
  view: View;
  lanes: readonly Lane[];
  at: number;
  now: number;
  ahead: number;
  /** What is marked to be taken as a clip. */
  marked: { from: number | null; to: number | null };
  hover: number | null;
}

export const RULER = 24;
export const LANE = 38;
const BAR_TOP = 4;
const BAR = 14;
const EVENTS_TOP = 20;
const EVENTS = 13;
const TICK_ROOM = 78;
const HATCH = 6;

const INK = {
  ground: "--timeline-bare",
  unknown: "--sunken",
  continuous: "--timeline-continuous",
  event: "--timeline-event",
  gap: "--timeline-gap",
  gapSoft: "--timeline-gap-soft",
  held: "--timeline-held",
  ink: "--ink",
  soft: "--ink-2",
  line: "--line",
  strong: "--line-strong",
  accent: "--accent",
  bad: "--bad",
  surface: "--surface",
  person: "--group-person",
  two_wheeler: "--group-two-wheeler",
  vehicle: "--group-vehicle",
  animal: "--group-animal",
  other: "--group-unknown",
} as const;

const inkOf = (group: LabelGroup): keyof typeof INK => (group === "unknown" ? "other" : group);

export class TimelinePainter {
  private readonly pen: CanvasRenderingContext2D;
  private ink = {} as Record<keyof typeof INK, string>;
  private font = "sans-serif";
  private hatch: CanvasPattern | string = "";
  private width = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d")!;
    this.recolour();
  }

  /** Reads the page's colours anew, after the theme changed. */
  recolour(): void {
    const style = getComputedStyle(this.canvas);
    for (const [name, token] of Object.entries(INK)) this.ink[name as keyof typeof INK] = style.getPropertyValue(token).trim();
    this.font = style.fontFamily;
    this.hatch = this.hatched();
  }

  draw(scene: Scene, width: number): void {
    const { pen, canvas } = this;
    const ratio = devicePixelRatio || 1;
    const height = RULER + scene.lanes.length * LANE;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    this.width = width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.ruler(scene, height);
    scene.lanes.forEach((lane, n) => this.lane(scene, lane, RULER + n * LANE));
    this.marked(scene, height);
    this.lines(scene, height);
  }

  private ruler({ view, ahead }: Scene, height: number): void {
    const { pen, ink } = this;
    const { step, ticks: found } = ticks(view, this.width, TICK_ROOM, ahead);
    pen.font = `11px ${this.font}`;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    for (const { at, day } of found) {
      const x = Math.round(xOf(view, this.width, at)) + 0.5;
      this.line(x, day ? 0 : RULER - 8, height, day ? ink.strong : ink.line);
      pen.fillStyle = day ? ink.ink : ink.soft;
      pen.fillText(labelOf(at, step, day), x + 4, RULER / 2);
    }
  }

  private lane({ view, now }: Scene, lane: Lane, top: number): void {
    const { ink } = this;
    const bar = top + BAR_TOP;
    const known = lane.footage?.known;
    this.box({ from: view.from, to: Math.min(view.to, now) }, view, bar, BAR, ink.unknown);
    if (known) this.box({ from: known.from, to: Math.min(known.to, now) }, view, bar, BAR, ink.ground);
    const hidden = lane.footage?.hidden ?? null;
    if (known && hidden !== null && hidden > known.from) this.box({ from: known.from, to: hidden }, view, bar, BAR, ink.strong);
    for (const one of lane.footage?.spans ?? []) this.box(one, view, bar, BAR, one.why === "event" ? ink.event : ink.continuous);
    for (const one of lane.footage?.gaps ?? []) {
      this.box(one, view, bar, BAR, ink.gapSoft);
      this.box(one, view, bar, BAR, this.hatch);
      this.box(one, view, bar, 2, ink.gap);
    }
    for (const one of lane.footage?.holds ?? []) this.box(one, view, bar - 3, 3, ink.held);
    for (const one of lane.damaged) this.box(one, view, bar + BAR - 3, 3, ink.bad);
    if (lane.happened) this.events(lane.happened, view, top + EVENTS_TOP);
  }

  private events({ marks, density }: Happened, view: View, top: number): void {
    const { ink } = this;
    const most = Math.max(1, ...density.map((one) => sum(one.groups)));
    for (const one of density) {
      let low = top + EVENTS;
      for (const group of GROUPS) {
        const height = ((one.groups[group] ?? 0) / most) * EVENTS;
        if (height === 0) continue;
        low -= height;
        this.box({ from: one.at, to: one.at + one.step }, view, low, height, ink[inkOf(group)], 1);
      }
    }
    for (const one of marks) {
      const to = Math.max(one.to ?? one.at, one.at + (3 * spanOf(view)) / this.width);
      this.box({ from: one.at, to }, view, top + 2, EVENTS - 4, ink[inkOf(one.group)]);
    }
  }

  private marked({ view, marked: { from, to } }: Scene, height: number): void {
    const { pen, ink } = this;
    if (from !== null && to !== null) {
      pen.globalAlpha = 0.16;
      this.box({ from, to }, view, 0, height, ink.accent);
      pen.globalAlpha = 1;
    }
    for (const at of [from, to]) if (at !== null) this.line(Math.round(xOf(view, this.width, at)) + 0.5, 0, height, ink.accent, 2);
  }

  private lines({ view, at, now, hover }: Scene, height: number): void {
    const { pen, ink } = this;
    const x = Math.round(xOf(view, this.width, now)) + 0.5;
    pen.setLineDash([3, 3]);
    this.line(x, RULER - 6, height, ink.soft);
    pen.setLineDash([]);
    if (hover !== null) this.line(Math.round(xOf(view, this.width, hover)) + 0.5, 0, height, ink.soft);
    const cursor = Math.round(xOf(view, this.width, at));
    pen.fillStyle = ink.bad;
    pen.fillRect(cursor - 1, 0, 2, height);
    pen.beginPath();
    pen.moveTo(cursor - 6, 0);
    pen.lineTo(cursor + 6, 0);
    pen.lineTo(cursor, 8);
    pen.fill();
  }

  /** A stretch at least a pixel wide, so that what is short is still seen; `gap` is left free at its right. */
  private box({ from, to }: Span, view: View, top: number, height: number, fill: CanvasPattern | string, gap = 0): void {
    if (to <= view.from || from >= view.to) return;
    const left = Math.max(0, xOf(view, this.width, from));
    const right = Math.min(this.width, xOf(view, this.width, to));
    this.pen.fillStyle = fill;
    this.pen.fillRect(left, top, Math.max(1, right - left - gap), height);
  }

  private line(x: number, top: number, low: number, colour: string, width = 1): void {
    const { pen } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, low);
    pen.stroke();
  }

  private hatched(): CanvasPattern | string {
    const tile = document.createElement("canvas");
    tile.width = tile.height = HATCH;
    const pen = tile.getContext("2d");
    if (!pen) return this.ink.gap;
    pen.strokeStyle = this.ink.gap;
    pen.lineWidth = 1.5;
    for (const shift of [-HATCH, 0, HATCH]) {
      pen.beginPath();
      pen.moveTo(shift, HATCH);
      pen.lineTo(shift + HATCH, 0);
      pen.stroke();
    }
    return this.pen.createPattern(tile, "repeat") ?? this.ink.gap;
  }
}

const sum = (groups: Partial<Record<LabelGroup, number>>): number => Object.values(groups).reduce((all, one) => all + one, 0);

function labelOf(at: number, step: number, day: boolean): string {
  const text = stamp(at);
  if (day || step >= DAY) return text.slice(5, 10);
  if (step >= MINUTE) return text.slice(11, 16);
  if (step >= SECOND) return text.slice(11, 19);
  return `${text.slice(17, 19)}.${Math.floor((at % SECOND) / 100)}`;
}
