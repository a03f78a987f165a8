/** Live pictures of all tiles over one WebSocket, reopened with a growing pause and watched for silence. */

import type { Reason, State } from "./types";

export type Form = "video" | "preview";

export interface TileState {
  /** `ended`: the hub may show it no more; `reason` is then a problem's code. */
  state: State | "ended";
  reason: Reason | string | null;
  form: Form | null;
  why: "asked" | "masked" | "codec" | null;
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
  camera: string;
  form: Form;
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
  /** The hub's clock less this browser's, ms; of the pong that came back fastest. */
  private offset = 0;
  private fastest = Infinity;

  constructor(
    private readonly address: string,
    /** Called when the link falls; whether it should be tried again. */
    private readonly fell: (code: number) => Promise<boolean>,
  ) {}

  /** Shows a camera; the returned function ends it. */
  open(camera: string, form: Form, to: Tile): () => void {
    let number = 0;
    while (this.tiles.has(number)) number += 1;
    const mine: Open = { camera, form, to };
    this.tiles.set(number, mine);
    clearTimeout(this.linger);
    if (this.socket?.readyState === WebSocket.OPEN) this.ask(number, mine);
    else if (this.socket === null && this.again === undefined && !this.asking) this.connect();
    return () => {
      if (this.tiles.get(number) !== mine) return;
      this.tiles.delete(number);
      this.send({ op: "close", tile: number });
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
      this.fastest = Infinity;
      this.ping();
      this.pinging = setInterval(() => this.ping(), PING_MS);
      for (const [number, one] of this.tiles) this.ask(number, one);
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
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => void this.down(1006), SILENCE_MS);
  }

  private ask(number: number, { camera, form }: Open): void {
    this.send({ op: "open", tile: number, camera, stream: "sub", form });
  }

  private ping(): void {
    this.send({ op: "ping", t: Date.now() });
  }

  private send(said: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(said));
  }

  private hear(said: Said): void {
    if (said.type === "pong") {
      const took = Date.now() - said.t;
      if (took > this.fastest) return;
      this.fastest = took;
      this.offset = said.now - said.t - took / 2;
      return;
    }
    const to = said.tile === null ? undefined : this.tiles.get(said.tile)?.to;
    if (to === undefined) return;
    if (said.type === "state") to.state(said);
    else if (said.type === "clock") to.clock(said.taken - this.offset, said.at);
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
