/** What plays together: cameras, their footage on the timeline, the player, what is in sight and what is marked. */

import { computed, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { hubNow } from "../api/hubclock";
import type { Stream } from "../api/recordings";
import { Player } from "../ui/player/player";
import { centred, following, HOUR, held, type View } from "../ui/timeline/scale";
import { type Footage, FootageReader, nextFootage } from "./footage";
import { Windows } from "./playwindows";
import { settle } from "./session";

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
  readonly readers: readonly FootageReader[];
  readonly windows: Windows;
  readonly player: Player;
  readonly view = signal<View>({ from: 0, to: 1 });
  readonly marked = signal<{ from: number | null; to: number | null }>({ from: null, to: null });
  readonly footage = computed(() => this.readers.map((one) => one.value.value));

  private searched: Search | null = null;

  constructor(
    readonly cameras: readonly string[],
    readonly stream: Stream,
    at: number,
    readonly bounds?: Bounds,
  ) {
    this.readers = cameras.map((one) => new FootageReader(one, stream));
    this.windows = new Windows(cameras, stream, settle);
    this.player = new Player(cameras, this.windows, at, (from, forward) => this.next(from, forward), bounds);
    const [middle, length] = bounds ? [(bounds.from + bounds.to) / 2, (bounds.to - bounds.from) * 1.2] : [at, HOUR];
    this.show(held(centred({ from: middle, to: middle }, middle, length), hubNow()));
  }

  /** Brings a stretch of time into sight. */
  show(view: View): void {
    this.view.value = view;
    for (const one of this.readers) one.cover(view);
  }

  seek(at: number): void {
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
    const edges = this.cameras.map((one) => this.windows.edge(one, at, forward)).filter((one) => one !== null);
    if (edges.length > 0) return forward ? Math.min(...edges) : Math.max(...edges);
    const found = nextFootage(this.known(), at, forward);
    if (found !== null) return found;
    if (this.searched?.at !== at || this.searched.forward !== forward) void this.search(at, forward);
    return this.searched!.found;
  }

  private async search(at: number, forward: boolean): Promise<void> {
    const search: Search = { at, forward, found: undefined };
    this.searched = search;
    const told = await Promise.all(this.readers.map((one) => one.beyond(at, forward)));
    search.found = nextFootage(
      told.filter((one) => one !== null),
      at,
      forward,
    );
  }

  known(): Footage[] {
    return this.footage.peek().filter((one) => one !== null);
  }

  close(): void {
    this.player.close();
    for (const one of this.readers) one.close();
  }
}

/** A session for as long as its cameras and stream stay the same; another takes up where it was. */
export function usePlaySession(cameras: readonly string[], stream: Stream, at: number, bounds?: Bounds): PlaySession {
  const key = `${cameras.join()} ${stream} ${bounds?.from ?? ""}`;
  const session = useMemo(() => new PlaySession(cameras, stream, at, bounds), [key]);
  useEffect(() => () => session.close(), [session]);
  return session;
}
