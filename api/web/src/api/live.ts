/** Live pictures of all tiles over one WebSocket, reopened with a growing pause and watched for silence. */

import type { HubClock } from "./hubclock";
import type { Reason, State } from "./types";

/** What is asked for: frames, or pictures where the browser plays none. */
export type Form = "video" | "preview";
/** What comes: of a viewer whose line is slow, keyframes alone. */
export type Shown = Form | "keyframes";
export type Stream = "sub" | "main";

/** What a tile shows. */
export interface Wanted {
  camera: string;
  stream: Stream;
  form: Form;
}

export interface TileState {
  /** `ended`: the hub may show it no more; `reason` is then a problem's code. */
  state: State | "ended";
  reason: Reason | string | null;
  form: Shown | null;
  why: "asked" | "masked" | "codec" | "slow" | null;
  codec: string | null;
}

/** What happens to one tile. */
export interface Tile {
  state(said: TileState): void;
  /** What follows begins a new track. */
  init(data: Uint8Array<ArrayBuffer>): void;
  frame(data: Uint8Array<ArrayBuffer>): void;
  picture(data: Uint8Array<ArrayBuffer>): void;
  /** The frame that follows reached the hub at `taken` (this browser's clock, ms) and has media time `at` (s). */
  clock(taken: number, at: number): void;
  /** Frames were left out: this viewer is slow. */
  lost(): void;
  refused(code: string): void;
  /** The link to the hub fell; it is tried again. */
  down(): void;
}

type Said =
  | ({ type: "state"; tile: number } & TileState)
  | { type: "clock"; tile: number; taken: number; at: number }
  | { type: "lost"; tile: number; count: number }
  | { type: "error"; tile: number | null; code: string }
  | { type: "pong"; t: number; now: number };

interface Open {
  wanted: Wanted;
  to: Tile;
}

const INIT = 1;
const FRAME = 2;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 4_000;
const PING_MS = 4_000;
/** Two pings unanswered and a little: a dead link, which TCP alone notices only after minutes. */
const SILENCE_MS = 10_000;
/** The link outlives its last tile by this, since another one is often opened next. */
const LINGER_MS = 3_000;
/** Tile numbers go round, so that a frame still under way for a tile that is gone meets nobody. */
const NUMBERS = 256;
/** Tiles of one message. */
const MOST_SHOWN = 25;

export class LiveLink {
  private socket: WebSocket | null = null;
  private readonly tiles = new Map<number, Open>();
  private pause = FIRST_PAUSE_MS;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** Whether `fell` is thinking. */
  private asking = false;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setInterval> | undefined;
  private linger: ReturnType<typeof setTimeout> | undefined;
  /** Tiles to be asked for in one message, once this round of the page's work is done. */
  private readonly asked = new Set<number>();
  private next = 0;

  constructor(
    private readonly address: string,
    /** Called when the link falls; whether it should be tried again. */
    private readonly fell: (code: number) => Promise<boolean>,
    private readonly clock: HubClock,
  ) {}

  /** Shows a camera; the returned function ends it. */
  open(wanted: Wanted, to: Tile): () => void {
    const number = this.free();
    const mine: Open = { wanted, to };
    this.tiles.set(number, mine);
    clearTimeout(this.linger);
    if (this.socket?.readyState === WebSocket.OPEN) this.ask(number);
    else if (this.socket === null && this.again === undefined && !this.asking) this.connect();
    return () => {
      if (this.tiles.get(number) !== mine) return;
      this.tiles.delete(number);
      if (!this.asked.delete(number)) this.send({ op: "close", tile: number });
      if (this.tiles.size === 0) this.linger = setTimeout(() => this.drop(), LINGER_MS);
    };
  }

  /** Ends the link; tiles that are still open begin anew when one asks with `retry`. */
  close(): void {
    clearTimeout(this.linger);
    this.drop();
  }

  /** Connects now if there are tiles and no link. */
  retry(): void {
    if (this.socket !== null || this.tiles.size === 0) return;
    clearTimeout(this.again);
    this.connect();
  }

  private connect(): void {
    this.again = undefined;
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.listen();
    socket.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.ping();
      this.pinging = setInterval(() => this.ping(), PING_MS);
      for (const number of this.tiles.keys()) this.ask(number);
    };
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => {
      this.listen();
      if (typeof message.data === "string") this.hear(JSON.parse(message.data) as Said);
      else this.show(new Uint8Array(message.data));
    };
    socket.onclose = (end: CloseEvent) => {
      if (this.socket === socket) void this.down(end.code);
    };
  }

  private async down(code: number): Promise<void> {
    this.drop();
    for (const { to } of this.tiles.values()) to.down();
    if (this.tiles.size === 0) return;
    this.asking = true;
    const again = await this.fell(code).finally(() => {
      this.asking = false;
    });
    if (!again || this.socket !== null || this.tiles.size === 0) return;
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), this.pause * (0.75 + 0.5 * Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private drop(): void {
    clearTimeout(this.again);
    clearTimeout(this.silence);
    clearInterval(this.pinging);
    this.again = undefined;
    this.asked.clear();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => void this.down(1006), SILENCE_MS);
  }

  private free(): number {
    while (this.tiles.has(this.next)) this.next = (this.next + 1) % NUMBERS;
    const number = this.next;
    this.next = (number + 1) % NUMBERS;
    return number;
  }

  /** All tiles of one round are asked for together: one look, one row of the register. */
  private ask(number: number): void {
    if (this.asked.size === 0) queueMicrotask(() => this.flush());
    this.asked.add(number);
  }

  private flush(): void {
    const tiles = [...this.asked].map((number) => ({ tile: number, ...this.tiles.get(number)!.wanted }));
    this.asked.clear();
    if (tiles.length === 1) this.send({ op: "open", ...tiles[0] });
    else for (let at = 0; at < tiles.length; at += MOST_SHOWN) this.send({ op: "show", tiles: tiles.slice(at, at + MOST_SHOWN) });
  }

  private ping(): void {
    this.send({ op: "ping", t: Date.now() });
  }

  private send(said: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(said));
  }

  private hear(said: Said): void {
    if (said.type === "pong") {
      this.clock.hear(said.now, said.t);
      return;
    }
    const to = said.tile === null ? undefined : this.tiles.get(said.tile)?.to;
    if (to === undefined) return;
    if (said.type === "state") to.state(said);
    else if (said.type === "clock") to.clock(this.clock.here(said.taken), said.at);
    else if (said.type === "lost") to.lost();
    else to.refused(said.code);
  }

  /** Version, tile, kind, flags; then the payload. */
  private show(data: Uint8Array<ArrayBuffer>): void {
    const to = this.tiles.get(data[1]!)?.to;
    if (to === undefined) return;
    const payload = data.subarray(4);
    if (data[2] === INIT) to.init(payload);
    else if (data[2] === FRAME) to.frame(payload);
    else to.picture(payload);
  }
}
