/**
 * Which segments there are around a moment, with tickets to fetch them. They are asked for half an hour at a time, and
 * anew before their tickets run out: each asking is on record, so nothing is asked that is not about to be looked at.
 */

import { hubNow } from "../api/hubclock";
import { openPlayback, type Playback, type PlayedSegment, type Stream } from "../api/recordings";
import type { Problem } from "../api/client";

export const SLOT_MS = 1_800_000;
/** Tickets live five minutes; what is fetched with one must have begun before. */
const FRESH_MS = 240_000;
/** What is being recorded right now grows: its window is asked for again this soon. */
const GROWS_MS = 15_000;
const PAUSE_MS = 3_000;

/** A segment with its times as numbers. `to` is Infinity while it is still being written. */
export interface Piece extends PlayedSegment {
  from: number;
  to: number;
}

interface Window {
  at: number;
  until: number;
  pieces: Map<string, Piece[]>;
  refused: Map<string, string>;
}

export class Windows {
  private readonly known = new Map<number, Window>();
  private readonly asking = new Map<number, Promise<void>>();
  /** Segments that turned out not to be readable, by camera and start. */
  private readonly bad = new Map<string, string>();
  problem: Problem | null = null;

  constructor(
    private readonly cameras: readonly string[],
    readonly stream: Stream,
    private readonly failed: (err: unknown) => Problem,
    private readonly wall: () => number = hubNow,
    private readonly ask: (cameras: readonly string[], from: number, to: number, stream: Stream) => Promise<Playback> = openPlayback,
  ) {}

  /** Why a camera may not be played at that time; null where it may, or is not known yet. */
  refusal(camera: string, at: number): string | null {
    return this.known.get(slotOf(at))?.refused.get(camera) ?? null;
  }

  /** The segment that holds a moment; undefined while that is not known, null where there is none. */
  at(camera: string, at: number): Piece | null | undefined {
    const window = this.fresh(at) ?? this.known.get(slotOf(at));
    if (window === undefined) {
      void this.load(at);
      return undefined;
    }
    const found = this.among(window, camera, at);
    // What was fetched of it plays on, whatever became of its ticket.
    if (found === null) void this.load(at);
    return found;
  }

  private among(window: Window, camera: string, at: number): Piece | null {
    return window.pieces.get(camera)?.filter((one) => one.from <= at && at < one.to && !this.isBad(camera, one)).at(-1) ?? null;
  }

  /** As `at`, after asking where it must be asked. */
  async find(camera: string, at: number): Promise<Piece | null> {
    await this.load(at);
    const window = this.fresh(at);
    return window ? this.among(window, camera, at) : null;
  }

  /** The segment that begins next after a moment, or the last one before it, within a slot's reach. */
  async beside(camera: string, at: number, forward: boolean): Promise<Piece | null> {
    for (const away of [0, 1]) {
      const there = forward ? at + away * SLOT_MS : at - 1 - away * SLOT_MS;
      await this.load(there);
      const pieces = (this.fresh(there)?.pieces.get(camera) ?? []).filter((one) => !this.isBad(camera, one));
      const found = forward ? pieces.find((one) => one.from >= at) : pieces.filter((one) => one.from < at).at(-1);
      if (found) return found;
    }
    return null;
  }

  /** Where the next segment begins after a moment, or the one before it ended, as far as is known by now. */
  edge(camera: string, at: number, forward: boolean): number | null {
    const pieces = [...this.known.values()].flatMap((one) => one.pieces.get(camera) ?? []).filter((one) => !this.isBad(camera, one));
    const found = forward ? pieces.map((one) => one.from).filter((one) => one > at) : pieces.map((one) => one.to - 1).filter((one) => one < at);
    if (found.length === 0) return null;
    const nearest = forward ? Math.min(...found) : Math.max(...found);
    return Math.abs(nearest - at) <= SLOT_MS ? nearest : null;
  }

  /** A segment cannot be read: it is passed over from now on. */
  spoil(camera: string, piece: Piece, why: string): void {
    this.bad.set(`${camera}/${piece.from}`, why);
  }

  /** What is wrong with the recording at a moment: as the hub marked it, or as it turned out. */
  damage(camera: string, at: number): string | null {
    const piece = this.known.get(slotOf(at))?.pieces.get(camera)?.filter((one) => one.from <= at && at < one.to).at(-1);
    return piece ? (this.bad.get(`${camera}/${piece.from}`) ?? piece.damage) : null;
  }

  /** All that is known to be damaged, for the timeline. */
  damaged(camera: string): Piece[] {
    return [...this.known.values()].flatMap((one) => one.pieces.get(camera) ?? []).filter((one) => one.damage !== null || this.isBad(camera, one));
  }

  /** Has a slot's tickets asked for anew, since the hub refused one. False where they were just given. */
  forget(at: number): boolean {
    const window = this.known.get(slotOf(at));
    if (window !== undefined && this.wall() - window.at < PAUSE_MS) return false;
    if (window !== undefined) window.until = 0;
    return true;
  }

  async load(at: number): Promise<void> {
    if (this.fresh(at) !== undefined || at >= this.wall()) return undefined;
    const slot = slotOf(at);
    const now = this.asking.get(slot);
    if (now !== undefined) return now;
    const work = this.read(slot).finally(() => this.asking.delete(slot));
    this.asking.set(slot, work);
    return work;
  }

  private isBad(camera: string, piece: Piece): boolean {
    return this.bad.has(`${camera}/${piece.from}`);
  }

  private fresh(at: number): Window | undefined {
    const window = this.known.get(slotOf(at));
    if (window !== undefined) return this.wall() < window.until ? window : undefined;
    // Nothing was recorded yet of what is to come.
    return at >= this.wall() ? { at, until: 0, pieces: new Map(), refused: new Map() } : undefined;
  }

  private async read(slot: number): Promise<void> {
    const now = this.wall();
    try {
      const told = await this.ask(this.cameras, slot, Math.min(slot + SLOT_MS, now), this.stream);
      const grows = slot + SLOT_MS > now;
      this.known.set(slot, {
        at: now,
        until: now + (grows ? GROWS_MS : FRESH_MS),
        pieces: new Map(told.cameras.map((one) => [one.camera_id, one.segments.map(timed)])),
        refused: new Map(told.cameras.flatMap((one) => (one.refused === null ? [] : [[one.camera_id, one.refused]]))),
      });
      this.problem = null;
    } catch (err) {
      this.problem = this.failed(err);
      this.known.set(slot, {
        at: now,
        until: now + PAUSE_MS,
        pieces: new Map(),
        refused: new Map(this.cameras.map((one) => [one, this.problem!.code])),
      });
    }
  }
}

const slotOf = (at: number): number => Math.floor(at / SLOT_MS) * SLOT_MS;

const timed = (one: PlayedSegment): Piece => ({
  ...one,
  from: Date.parse(one.started_at),
  to: one.ended_at === null ? Infinity : Date.parse(one.ended_at),
});
