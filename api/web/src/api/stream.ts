/** A live feed, of events, alerts, incidents or pushes to a screen: one WebSocket, reopened with a growing pause, watched for silence. */

import type { HubAlert } from "./alerts";
import type { Incident } from "./incidents";
import type { HubEvent } from "./types";

export type Link = "connecting" | "live" | "offline";

export interface Listener {
  event?(changed: HubEvent): void;
  alert?(raised: HubAlert): void;
  incident?(changed: Incident): void;
  /** Somebody pushed a camera to this screen; `tile` null: wherever there is room. */
  show?(pushed: Pushed): void;
  /** The hub dropped `count` changes for this slow reader: what is shown may be out of date. */
  lost(count: number): void;
  /** The link stands (again). `gap` is true when changes may have been missed since the last time. */
  open(gap: boolean): void;
  /** The link fell or could not be made; the next try is under way. */
  down(): void;
  /** The hub ended it for good: the session or the purpose is over, or another took the place. */
  ended(why: Ended): void;
}

export type Ended = "session" | "purpose" | "taken";

export interface Pushed {
  camera: string;
  tile: number | null;
  by: string;
}

function endOf({ code, reason }: CloseEvent): Ended | null {
  if (code === 4401) return "session";
  if (code === 4403) return reason === "screen_taken" ? "taken" : "purpose";
  return null;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** The hub pings every 20 s; twice that and a little is a dead link, which TCP alone notices only after minutes. */
const SILENCE_MS = 45_000;

type Said =
  | { type: "event"; event: HubEvent }
  | { type: "alert"; alert: HubAlert }
  | { type: "incident"; incident: Incident }
  | ({ type: "show" } & Pushed)
  | { type: "lost"; count: number }
  | { type: "ping" };

export class EventStream {
  private socket: WebSocket | null = null;
  private pause = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasOpen = false;
  private closed = false;

  constructor(
    private readonly address: string,
    private readonly to: Listener,
    private readonly jitter: () => number = Math.random,
  ) {
    this.connect();
    addEventListener("online", this.now);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.now);
    this.drop();
  }

  private readonly now = (): void => {
    if (this.socket !== null || this.closed) return;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.listen();
      this.to.open(this.wasOpen);
      this.wasOpen = true;
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      this.listen();
      const said = JSON.parse(message.data) as Said;
      if (said.type === "event") this.to.event?.(said.event);
      else if (said.type === "alert") this.to.alert?.(said.alert);
      else if (said.type === "incident") this.to.incident?.(said.incident);
      else if (said.type === "show") this.to.show?.(said);
      else if (said.type === "lost") this.to.lost(said.count);
    };
    socket.onclose = (end: CloseEvent) => {
      if (this.closed || this.socket !== socket) return;
      this.socket = null;
      clearTimeout(this.timer);
      const why = endOf(end);
      if (why) {
        this.to.ended(why);
        return;
      }
      this.later();
      this.to.down();
    };
  }

  private later(): void {
    this.timer = setTimeout(() => this.connect(), this.pause * (0.75 + 0.5 * this.jitter()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private listen(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.drop();
      this.later();
      this.to.down();
    }, SILENCE_MS);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
