/** Fetches one camera's segments one after the other into its sink, a little ahead of what is shown. */

import { FrameTimes } from "./boxes";
import type { Piece, Windows } from "../../store/playwindows";
import { Problem, problemOf } from "../../api/client";

/** What a feed puts its bytes into. */
export interface Into {
  begin(mime: string, offset: number): Promise<void>;
  append(data: Uint8Array<ArrayBuffer>, shown: number): Promise<void>;
  trim(rate: number, shown: number): Promise<void>;
}

/** Where the clock of all cameras is, and how fast it goes. */
export interface Now {
  readonly at: number;
  readonly rate: number;
}

/** Faster than this, or backwards, keyframes alone are fetched and shown. */
export const ALL_FRAMES_UNTIL = 4;
export const keyframesOnly = (rate: number): boolean => rate > ALL_FRAMES_UNTIL || rate < 0;

/** How far ahead is fetched, in seconds of the wall. */
const AHEAD_S = 15;
const LOOK_MS = 100;
/** A segment that is still being written is asked for again after this. */
const GROWS_MS = 1_500;
const AGAIN_MS = 2_000;
/** Breaks between two segments that nobody sees. */
export const BREAK_MS = 2_000;
const TRIM_EVERY = 64;

export class Feed {
  private stop: AbortController | null = null;
  /** The span that this feed has filled or is filling since it began. */
  private from = 0;
  private to = 0;
  private forward = true;
  /** Where it will go on; null once it stands still. */
  private going = false;
  private times: number[] = [];

  constructor(
    private readonly camera: string,
    private readonly windows: Windows,
    private readonly sink: Into,
    private readonly now: Now,
    private readonly epoch: number,
    private readonly broke: () => void,
    private readonly wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** Whether a moment lies in what it has filled, or is what it fetches next. */
  heads(at: number): boolean {
    if (!this.going) return this.from <= at && at < this.to;
    const reach = 3_000 * Math.max(1, Math.abs(this.now.rate));
    return this.from - (this.forward ? 0 : reach) <= at && at < this.to + (this.forward ? reach : 0);
  }

  /** Fetches from the keyframe before a moment on, onwards or backwards as the clock goes. */
  start(at: number): void {
    this.end();
    const stop = new AbortController();
    this.stop = stop;
    this.from = this.to = at;
    this.forward = this.now.rate >= 0;
    this.going = true;
    this.times = [];
    void this.run(at, stop.signal).catch((err: unknown) => {
      if (stop.signal.aborted) return;
      if (!(err instanceof DOMException)) throw err;
      this.broke(); // the browser's decoder gave up, or its memory for media is full
    });
  }

  end(): void {
    this.stop?.abort();
    this.stop = null;
    this.going = false;
    this.from = this.to = 0;
  }

  /** The next frame after a moment, or the last before it, in hub time; null where it was not fetched. */
  frame(at: number, by: 1 | -1): number | null {
    const sorted = [...new Set(this.times)].sort((a, b) => a - b);
    const shown = sorted.filter((one) => one <= at + 0.5).length - 1;
    return (by === 1 ? sorted[shown + 1] : sorted[shown - 1]) ?? null;
  }

  private async run(at: number, stop: AbortSignal): Promise<void> {
    let piece = await this.windows.find(this.camera, at);
    let from: number | null = at;
    while (piece !== null && !stop.aborted) {
      const fetched = await this.fetch(piece, this.forward ? from : null, stop);
      if (stop.aborted) return;
      if (fetched === "again") {
        piece = await this.windows.find(this.camera, Math.max(at, piece.from));
        continue;
      }
      if (fetched === "whole" && piece.to === Infinity && this.forward) {
        await this.wait(GROWS_MS);
        from = this.to;
        piece = (await this.windows.find(this.camera, piece.from)) ?? piece;
        if (piece.to > this.to + BREAK_MS) continue;
      }
      const edge: number = this.forward ? Math.max(piece.to === Infinity ? this.to : piece.to, piece.from + 1) : piece.from;
      const next: Piece | null = await this.windows.beside(this.camera, edge - (this.forward ? 500 : 0), this.forward);
      const away = next === null ? Infinity : this.forward ? next.from - edge : edge - next.to;
      if (next === null || next.from === piece.from || away > BREAK_MS) break;
      piece = next;
      from = null;
      await this.room(stop);
    }
    if (!stop.aborted) this.going = false;
  }

  /** Puts a segment into the sink. "again": its ticket was stale; "passed": it cannot be read. */
  private async fetch(piece: Piece, from: number | null, stop: AbortSignal): Promise<"whole" | "again" | "passed"> {
    const query = new URLSearchParams();
    if (from !== null && from > piece.from) query.set("at", String(Math.round(from)));
    if (keyframesOnly(this.now.rate)) query.set("only", "keyframes");
    const more = query.toString();
    let answer: Response;
    try {
      answer = await fetch(more === "" ? piece.url : `${piece.url}&${more}`, { signal: stop });
      if (!answer.ok) throw problemOf(answer.status, await answer.json().catch(() => null));
      piece.damage ??= answer.headers.get("X-Damage") as Piece["damage"];
      await this.sink.begin(piece.mime!, (piece.from - this.epoch) / 1000);
      await this.pour(answer.body!.getReader(), piece, from, stop);
    } catch (err) {
      if (stop.aborted || err instanceof DOMException) throw err;
      return this.refused(err, piece, from ?? piece.from);
    }
    return "whole";
  }

  private async refused(err: unknown, piece: Piece, at: number): Promise<"again" | "passed"> {
    const told = err instanceof Problem ? err : null;
    if (told !== null && [404, 409, 410, 422].includes(told.status)) {
      this.windows.spoil(this.camera, piece, told.code === "segment_missing" ? "missing" : "corrupt");
      return "passed";
    }
    // A stale ticket is replaced at once; a line that broke is tried again.
    const broke = told === null || told.status >= 500;
    if (!this.windows.forget(at) || broke) await this.wait(AGAIN_MS);
    return "again";
  }

  private async pour(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, piece: Piece, from: number | null, stop: AbortSignal): Promise<void> {
    const reads = new FrameTimes();
    let parts = 0;
    for (let part = await reader.read(); !part.done && !stop.aborted; part = await reader.read()) {
      const times = reads.read(part.value).map((one) => piece.from + one);
      await this.sink.append(part.value, this.shown);
      if (stop.aborted) return; // another moment is fetched by now: these frames are none of what it fills
      if (times.length > 0) {
        this.times.push(...times);
        this.fill(Math.min(...times), Math.max(...times));
      }
      parts += 1;
      if (parts % TRIM_EVERY === 0) await this.sink.trim(this.now.rate, this.shown);
      if (this.forward) await this.room(stop);
    }
    await this.sink.trim(this.now.rate, this.shown);
    if (!stop.aborted) this.fill(from ?? piece.from, Math.max(this.to, piece.to === Infinity ? 0 : piece.to));
  }

  private get shown(): number {
    return (this.now.at - this.epoch) / 1000;
  }

  private fill(from: number, to: number): void {
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
  }

  /** Waits until what is fetched is soon wanted. */
  private async room(stop: AbortSignal): Promise<void> {
    const far = (): boolean => {
      const ahead = AHEAD_S * 1000 * Math.max(1, Math.abs(this.now.rate));
      return this.forward ? this.to - this.now.at > ahead : this.now.at - this.from > ahead;
    };
    while (far() && !stop.aborted) await this.wait(LOOK_MS);
  }
}
