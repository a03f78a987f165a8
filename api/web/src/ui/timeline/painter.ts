/** Draws the lanes of a timeline on a canvas: what is recorded is filled, what is missing is hatched, all else is bare. */

import type { BookmarkKind } from "../../api/bookmarks";
import type { LabelGroup } from "../../api/types";
import { GROUPS } from "../../api/types";
import { stamp } from "../../i18n/time";
import type { Density, Footage, Mark, Motion, Span } from "../../store/footage";
import { DAY, MINUTE, SECOND, spanOf, ticks, type View, xOf } from "./scale";

export interface Lane {
  id: string;
  name: string;
  footage: Footage | null;
  /** Its events one by one; null: as `footage` counts them. */
  marks: readonly Mark[] | null;
  /** Segments that cannot be read in full. */
  damaged: readonly Span[];
  bookmarks: readonly Flag[];
}

/** A moment that was bookmarked in the case. */
export interface Flag {
  at: number;
  kind: BookmarkKind;
  note: string;
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
/** Heights of a lane and what is in it, in pixels: the recording above, what moved and happened below. */
interface Rows {
  lane: number;
  barTop: number;
  bar: number;
  eventsTop: number;
  events: number;
}

const ROOMY: Rows = { lane: 38, barTop: 4, bar: 14, eventsTop: 20, events: 13 };
const CLOSE: Rows = { lane: 26, barTop: 4, bar: 8, eventsTop: 13, events: 11 };
const FEW = 4;
/** Many lanes stand closer, so that twelve and a picture fit one screen. */
export const rowsOf = (lanes: number): Rows => (lanes > FEW ? CLOSE : ROOMY);
/** Less than this share of a bucket is not worth a word, be it watched or not. */
const SLIGHT = 0.02;
const TICK_ROOM = 78;
const HATCH = 6;

const INK = {
  ground: "--timeline-bare",
  unknown: "--sunken",
  continuous: "--timeline-continuous",
  event: "--timeline-event",
  gap: "--timeline-gap",
  gapSoft: "--timeline-gap-soft",
  motion: "--timeline-motion",
  unwatched: "--timeline-unwatched",
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
  private unwatched: CanvasPattern | string = "";
  private rows: Rows = ROOMY;
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
    this.hatch = this.hatched(this.ink.gap, 1.5);
    this.unwatched = this.hatched(this.ink.unwatched, 1);
  }

  draw(scene: Scene, width: number): void {
    const { pen, canvas } = this;
    const ratio = devicePixelRatio || 1;
    this.rows = rowsOf(scene.lanes.length);
    const height = RULER + scene.lanes.length * this.rows.lane;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    this.width = width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.ruler(scene, height);
    scene.lanes.forEach((lane, n) => this.lane(scene, lane, RULER + n * this.rows.lane));
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
    const { bar: tall, barTop, eventsTop } = this.rows;
    const bar = top + barTop;
    const known = lane.footage?.known;
    this.box({ from: view.from, to: Math.min(view.to, now) }, view, bar, tall, ink.unknown);
    if (known) this.box({ from: known.from, to: Math.min(known.to, now) }, view, bar, tall, ink.ground);
    const hidden = lane.footage?.hidden ?? null;
    if (known && hidden !== null && hidden > known.from) this.box({ from: known.from, to: hidden }, view, bar, tall, ink.strong);
    for (const one of lane.footage?.spans ?? []) this.box(one, view, bar, tall, one.why === "event" ? ink.event : ink.continuous);
    for (const one of lane.footage?.gaps ?? []) {
      this.box(one, view, bar, tall, ink.gapSoft);
      this.box(one, view, bar, tall, this.hatch);
      this.box(one, view, bar, 2, ink.gap);
    }
    for (const one of lane.footage?.holds ?? []) this.box(one, view, bar - 3, 3, ink.held);
    for (const one of lane.damaged) this.box(one, view, bar + tall - 3, 3, ink.bad);
    if (lane.footage?.motion) this.motion(lane.footage.motion, view, top + eventsTop, now);
    this.events(lane.marks, lane.footage?.counts ?? [], view, top + eventsTop);
    for (const one of lane.bookmarks) this.flag(one, view, top);
  }

  /** A pole over the lane with its flag; that nothing was seen is hollow. */
  private flag({ at, kind }: Flag, view: View, top: number): void {
    if (at < view.from || at > view.to) return;
    const { pen, ink } = this;
    const x = Math.round(xOf(view, this.width, at)) + 0.5;
    this.line(x, top + 1, top + this.rows.lane - 4, ink.ink, 1.5);
    pen.beginPath();
    pen.moveTo(x, top + 1);
    pen.lineTo(x + 9, top + 5);
    pen.lineTo(x, top + 9);
    pen.closePath();
    pen.fillStyle = kind === "negative" ? ink.surface : kind === "lead" ? ink.two_wheeler : ink.bad;
    pen.fill();
    pen.strokeStyle = ink.ink;
    pen.lineWidth = 1;
    pen.stroke();
  }

  /**
   * How much moved, as a graph on a base line; where nobody watched there is no base line but a hatching: that is not that
   * nothing moved.
   */
  private motion({ from, step, watched, moved }: Motion, view: View, top: number, now: number): void {
    const { ink } = this;
    const { events: height } = this.rows;
    const first = Math.max(0, Math.floor((view.from - from) / step));
    const last = Math.min(watched.length, Math.ceil((Math.min(view.to, now) - from) / step));
    for (let n = first; n < last; n += 1) {
      const span = { from: from + n * step, to: Math.min(now, from + (n + 1) * step) };
      const share = watched[n]!;
      if (share < SLIGHT) {
        this.box(span, view, top, height, this.unwatched);
        continue;
      }
      if (share < 1 - SLIGHT) this.box(span, view, top, 3, this.unwatched);
      const up = Math.max(1, Math.sqrt(moved[n]!) * height);
      this.box(span, view, top + height - up, up, ink.motion);
    }
  }

  private events(marks: readonly Mark[] | null, counts: readonly Density[], view: View, top: number): void {
    const { ink } = this;
    const { events: room } = this.rows;
    const density = marks === null ? counts : [];
    const most = Math.max(1, ...density.map((one) => sum(one.groups)));
    for (const one of density) {
      let low = top + room;
      for (const group of GROUPS) {
        const height = ((one.groups[group] ?? 0) / most) * room;
        if (height === 0) continue;
        low -= height;
        this.box({ from: one.at, to: one.at + one.step }, view, low, height, ink[inkOf(group)], 1);
      }
    }
    for (const one of marks ?? []) {
      const to = Math.max(one.to ?? one.at, one.at + (3 * spanOf(view)) / this.width);
      this.box({ from: one.at, to }, view, top + 2, room - 4, ink[inkOf(one.group)]);
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

  private hatched(colour: string, width: number): CanvasPattern | string {
    const tile = document.createElement("canvas");
    tile.width = tile.height = HATCH;
    const pen = tile.getContext("2d");
    if (!pen) return colour;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    for (const shift of [-HATCH, 0, HATCH]) {
      pen.beginPath();
      pen.moveTo(shift, HATCH);
      pen.lineTo(shift + HATCH, 0);
      pen.stroke();
    }
    return this.pen.createPattern(tile, "repeat") ?? colour;
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
