/** What plays together: cameras, their footage on the timeline, the player, what is in sight and what is marked. */

import { computed, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { hubNow } from "../api/hubclock";
import type { Stream } from "../api/recordings";
import { Player } from "../ui/player/player";
import { centred, following, HOUR, held, type View } from "../ui/timeline/scale";
import { type Footage, FootageReader, moved, nextFootage } from "./footage";
import { Windows } from "./playwindows";
import { settle } from "./session";

/** So many are played together; a case has more lanes. */
export const MOST_CAMERAS = 4;

export interface Bounds {
  from: number;
  to: number;
}

/** A look beyond what is known; undefined while it is under way. */
interface Search {
  at: number;
  forward: boolean;
  found: number | null | undefined;
}

export class PlaySession {
  readonly all: readonly string[];
  readonly readers: readonly FootageReader[];
  readonly windows: Windows;
  readonly player: Player;
  readonly view = signal<View>({ from: 0, to: 1 });
  readonly marked = signal<{ from: number | null; to: number | null }>({ from: null, to: null });
  /** As it was, whatever clock it was dated by. */
  readonly footage = computed(() => this.readers.map((one, n) => (one.value.value === null ? null : moved(one.value.value, -this.late(this.all[n]!)))));

  private searched: Search | null = null;
  private bound = new AbortController();

  constructor(
    readonly cameras: readonly string[],
    readonly stream: Stream,
    at: number,
    readonly bounds?: Bounds,
    /** Lanes of other cameras below those that are played. */
    readonly beside: readonly string[] = [],
    /** How much later than it was a camera's footage is dated, in ms: where it was dated by a clock that was ahead. */
    private readonly clocks: Readonly<Record<string, number>> = {},
  ) {
    this.all = [...cameras, ...beside];
    this.readers = this.all.map((one) => new FootageReader(one, stream));
    this.windows = new Windows(cameras, stream, settle);
    this.player = new Player(cameras, this.windows, at, (from, forward) => this.next(from, forward), bounds, cameras.map((one) => this.late(one)));
    const [middle, length] = bounds ? [(bounds.from + bounds.to) / 2, (bounds.to - bounds.from) * 1.2] : [at, HOUR];
    this.show(held(centred({ from: middle, to: middle }, middle, length), hubNow()));
  }

  /** How much later than it was what this camera showed is dated. */
  late(camera: string): number {
    return this.clocks[camera] ?? 0;
  }

  /** Brings a stretch of time into sight. */
  show(view: View): void {
    this.view.value = view;
    const now = hubNow();
    this.readers.forEach((one, n) => {
      const late = this.late(this.all[n]!);
      one.cover({ from: view.from + late, to: view.to + late }, now);
    });
  }

  seek(at: number): void {
    this.bound.abort();
    this.player.seek(at);
    this.keepInSight();
  }

  /** The moment that plays stays in sight. */
  keepInSight(): void {
    const next = held(following(this.view.peek(), this.player.position.peek()), hubNow());
    if (next.from !== this.view.peek().from) this.show(next);
  }

  mark(edge: "from" | "to"): void {
    const at = this.player.position.peek();
    const was = this.marked.peek();
    const [from, to] = edge === "from" ? [at, was.to] : [was.from, at];
    const turned = from !== null && to !== null && to <= from;
    this.marked.value = turned ? { from: edge === "from" ? at : null, to: edge === "to" ? at : null } : { from, to };
  }

  /** As told exactly for the segments around, else as the timeline has it, else as the hub says when asked. */
  private next(at: number, forward: boolean): number | null | undefined {
    const edges = this.cameras
      .map((one) => {
        const found = this.windows.edge(one, at + this.late(one), forward);
        return found === null ? null : found - this.late(one);
      })
      .filter((one) => one !== null);
    if (edges.length > 0) return forward ? Math.min(...edges) : Math.max(...edges);
    const found = nextFootage(this.known(), at, forward);
    if (found !== null) return found;
    if (this.searched?.at !== at || this.searched.forward !== forward) void this.search(at, forward);
    return this.searched!.found;
  }

  private async search(at: number, forward: boolean): Promise<void> {
    const search: Search = { at, forward, found: undefined };
    this.searched = search;
    const told = await Promise.all(
      this.cameras.map(async (camera, n) => {
        const found = await this.readers[n]!.beyond(at + this.late(camera), forward);
        return found && moved(found, -this.late(camera));
      }),
    );
    search.found = nextFootage(
      told.filter((one) => one !== null),
      at,
      forward,
    );
  }

  /** What is known of those that are played. */
  known(): Footage[] {
    return this.footage
      .peek()
      .slice(0, this.cameras.length)
      .filter((one) => one !== null);
  }

  /** For who looks for where to go next: over as soon as one goes elsewhere. */
  looking(): AbortSignal {
    this.bound.abort();
    this.bound = new AbortController();
    return this.bound.signal;
  }

  close(): void {
    this.bound.abort();
    this.player.close();
    for (const one of this.readers) one.close();
  }
}

/** A session for as long as its cameras and stream stay the same; another takes up where it was. */
export function usePlaySession(
  cameras: readonly string[],
  stream: Stream,
  at: number,
  bounds?: Bounds,
  beside: readonly string[] = [],
  clocks: Readonly<Record<string, number>> = {},
): PlaySession {
  const key = `${cameras.join()} ${beside.join()} ${stream} ${bounds?.from ?? ""} ${JSON.stringify(clocks)}`;
  const session = useMemo(() => new PlaySession(cameras, stream, at, bounds, beside, clocks), [key]);
  useEffect(() => () => session.close(), [session]);
  return session;
}
