/** The list of events under one set of filters: pages from the hub, changes from the stream, nothing moved unasked. */

import { signal } from "@preact/signals";
import * as api from "../api/client";
import { Problem } from "../api/client";
import { EventStream, type Link, type Listener } from "../api/stream";
import type { HubEvent, LeftOut } from "../api/types";
import { endSession, forgetPurpose, settle, stillLooking } from "./session";

const PAGE = 50;
/** Live events add up while a page stays open; beyond this the list starts again from its first page. */
const MOST_LIVE = 400;

export interface Order {
  query: URLSearchParams;
  newestFirst: boolean;
  /** False when the range lies in the past: nothing new can come. */
  live: boolean;
  /** Whether the reader stands at the top, where new events may slide in. */
  atTop: () => boolean;
}

export class EventList implements Listener {
  readonly events = signal<readonly HubEvent[] | null>(null);
  readonly cursor = signal<string | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly loadingMore = signal(false);
  /** New events not shown yet, newest first. */
  readonly pending = signal<readonly HubEvent[]>([]);
  /** Changes were missed while the reader was further down: the list needs a reload to be whole. */
  readonly stale = signal(false);
  /** What was asked for by name and is beyond the purpose. */
  readonly leftOut = signal<readonly LeftOut[]>([]);
  readonly link = signal<Link | null>(null);

  private stream: EventStream | null = null;
  private readonly stop = new AbortController();
  private added = 0;
  /** Counts how often the list began anew: what was asked before is no answer to it any more. */
  private turn = 0;
  /** What was told while its first page is read: the page may be older than that. Null while none is. */
  private heard: HubEvent[] | null = null;

  constructor(readonly order: Order) {}

  async begin(): Promise<void> {
    await this.reload();
    // What was refused for what was asked would be refused to a stream as well, again and again.
    const status = this.problem.value?.status ?? 0;
    if (this.stop.signal.aborted || (status >= 400 && status < 500)) return;
    if (!this.order.live) return;
    this.link.value = "connecting";
    this.stream = new EventStream(api.streamAddress(`/events/stream?${this.order.query}`), this);
  }

  close(): void {
    this.stop.abort();
    this.stream?.close();
  }

  async reload(): Promise<void> {
    const turn = (this.turn += 1);
    const heard: HubEvent[] = (this.heard = []);
    try {
      const page = await api.searchEvents(this.pageQuery(null), this.stop.signal);
      if (turn !== this.turn) return;
      this.heard = null;
      this.events.value = page.events;
      this.leftOut.value = page.left_out;
      this.cursor.value = page.next_cursor;
      this.pending.value = [];
      this.stale.value = false;
      this.problem.value = null;
      this.added = 0;
      for (const one of heard) this.event(one);
    } catch (err) {
      if (turn !== this.turn) return;
      this.heard = null;
      this.fail(err);
    }
  }

  async more(): Promise<void> {
    const cursor = this.cursor.value;
    if (cursor === null || this.loadingMore.value) return;
    this.loadingMore.value = true;
    const turn = this.turn;
    try {
      const page = await api.searchEvents(this.pageQuery(cursor), this.stop.signal);
      if (turn !== this.turn) return;
      const shown = new Set(this.events.value?.map((one) => one.id));
      this.events.value = [...(this.events.value ?? []), ...page.events.filter((one) => !shown.has(one.id))];
      this.cursor.value = page.next_cursor;
      this.problem.value = null;
    } catch (err) {
      this.fail(err);
    } finally {
      this.loadingMore.value = false;
    }
  }

  /** Shows what waits above; asks the hub again when something was missed. */
  async showPending(): Promise<void> {
    if (this.stale.value) return this.reload();
    const waiting = this.pending.value;
    this.pending.value = [];
    this.insert(waiting);
    return undefined;
  }

  event(changed: HubEvent): void {
    this.heard?.push(changed);
    const shown = this.events.value ?? [];
    const at = shown.findIndex((one) => one.id === changed.id);
    if (at >= 0) {
      if (isNewer(changed, shown[at]!)) this.events.value = put(shown, at, withTicket(changed, shown[at]!));
      return;
    }
    const waiting = this.pending.value.findIndex((one) => one.id === changed.id);
    if (waiting >= 0) {
      this.pending.value = put(this.pending.value, waiting, changed);
    } else if (!this.order.newestFirst) {
      // Oldest first, a new event belongs below everything: at the end of a whole list, on a later page otherwise.
      if (this.cursor.value === null) this.events.value = [...shown, changed];
    } else if (this.isOlderThanPage(changed)) {
      // A change of an event from a later page: that page will bring it.
    } else if (this.order.atTop() && this.pending.value.length === 0) {
      this.insert([changed]);
    } else {
      this.pending.value = [changed, ...this.pending.value].slice(0, MOST_LIVE);
    }
  }

  /** Shows an event as it was changed here, without asking whether it is newer. */
  put(changed: HubEvent): void {
    this.heard?.push(changed);
    const shown = this.events.value ?? [];
    const at = shown.findIndex((one) => one.id === changed.id);
    if (at >= 0) this.events.value = put(shown, at, { ...shown[at]!, mark: changed.mark });
  }

  lost(): void {
    void this.catchUp();
  }

  open(gap: boolean): void {
    this.link.value = "live";
    if (gap || this.problem.value) void this.catchUp();
  }

  down(): void {
    this.link.value = "offline";
    void this.whyDown();
  }

  ended(why: "session" | "purpose"): void {
    this.link.value = null;
    if (why === "session") endSession();
    else forgetPurpose();
  }

  private pageQuery(cursor: string | null): URLSearchParams {
    const query = new URLSearchParams(this.order.query);
    query.set("order", this.order.newestFirst ? "newest" : "oldest");
    query.set("limit", String(PAGE));
    if (cursor !== null) query.set("cursor", cursor);
    return query;
  }

  private insert(fresh: readonly HubEvent[]): void {
    this.added += fresh.length;
    if (this.added > MOST_LIVE) {
      void this.reload();
      return;
    }
    const all = [...fresh, ...(this.events.value ?? [])];
    this.events.value = all.sort((a, b) => compare(b, a));
  }

  private isOlderThanPage(event: HubEvent): boolean {
    const last = this.events.value?.at(-1);
    return this.cursor.value !== null && last !== undefined && compare(event, last) < 0;
  }

  /** After a gap: updates in place what is shown, and queues what is new. Where the gap is wider than a page, says so. */
  private async catchUp(): Promise<void> {
    if (!this.order.newestFirst) return;
    if (this.events.value === null || this.order.atTop()) return this.reload();
    try {
      const page = await api.searchEvents(this.pageQuery(null), this.stop.signal);
      const shown = new Set(this.events.value.map((one) => one.id));
      const joins = page.next_cursor === null || page.events.some((one) => shown.has(one.id));
      if (!joins) this.stale.value = true;
      for (const one of [...page.events].reverse()) this.event(one);
      this.problem.value = null;
    } catch (err) {
      this.fail(err);
    }
    return undefined;
  }

  /** A refused handshake looks like a fallen line to a browser; the session tells which it was. */
  private async whyDown(): Promise<void> {
    try {
      await stillLooking();
    } catch (err) {
      if (!(err instanceof Problem)) throw err; // no answer either: the line is down, and `link` says so
    }
  }

  private fail(err: unknown): void {
    if (!this.stop.signal.aborted) this.problem.value = settle(err);
  }
}

const put = (list: readonly HubEvent[], at: number, event: HubEvent): HubEvent[] =>
  list.map((one, index) => (index === at ? event : one));

/** A mark, and its full-size picture, change an event without a new revision. */
const isNewer = (a: HubEvent, b: HubEvent): boolean =>
  a.revision > b.revision ||
  (a.revision === b.revision &&
    ((a.mark?.marked_at ?? "") !== (b.mark?.marked_at ?? "") || a.still_at !== b.still_at));

/** The stream's events bear no ticket: the same picture keeps the one it was listed with. */
const withTicket = (changed: HubEvent, shown: HubEvent): HubEvent => ({
  ...changed,
  snapshot_url: changed.snapshot_at === shown.snapshot_at ? shown.snapshot_url : changed.snapshot_url,
  still_url: changed.still_at === shown.still_at ? shown.still_url : changed.still_url,
});

/** Order of the hub: by start, then by id. */
function compare(a: HubEvent, b: HubEvent): number {
  const by = Date.parse(a.started_at) - Date.parse(b.started_at);
  return by !== 0 ? by : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
