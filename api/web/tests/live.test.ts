import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HubClock } from "../src/api/hubclock";
import { LiveLink, type Tile } from "../src/api/live";
import { settled, Socket } from "./hub";

const fell = vi.fn<(code: number) => Promise<boolean>>();
let link: LiveLink;
let clock: HubClock;

class LiveSocket extends Socket {
  static readonly OPEN = 1;
  binaryType = "";
  readyState = 0;
  sent: Record<string, unknown>[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  up(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  frame(tile: number, kind: number, ...payload: number[]): void {
    const data = new Uint8Array([1, tile, kind, 0, ...payload]).buffer;
    (this.onmessage as unknown as (message: { data: ArrayBuffer }) => void)({ data });
  }

  asked(op: string): Record<string, unknown>[] {
    return this.sent.filter((one) => one.op === op);
  }
}

const last = (): LiveSocket => Socket.made.at(-1) as unknown as LiveSocket;

function aTile() {
  return {
    state: vi.fn(),
    init: vi.fn(),
    frame: vi.fn(),
    picture: vi.fn(),
    clock: vi.fn(),
    lost: vi.fn(),
    refused: vi.fn(),
    down: vi.fn(),
  } satisfies Tile;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", LiveSocket);
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  Socket.made = [];
  fell.mockReset().mockResolvedValue(true);
  clock = new HubClock();
  link = new LiveLink("ws://hub/live", fell, clock);
});

afterEach(() => {
  link.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the live link", () => {
  it("carries all tiles over one socket, and says what each shows", async () => {
    const [one, other] = [aTile(), aTile()];
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, one);
    link.open({ camera: "cam-2", stream: "sub", form: "preview" }, other);
    expect(Socket.made).toHaveLength(1);
    last().up();
    await settled();
    expect(last().asked("open")).toEqual([]);
    expect(last().asked("show")).toEqual([
      {
        op: "show",
        tiles: [
          { tile: 0, camera: "cam-1", stream: "sub", form: "video" },
          { tile: 1, camera: "cam-2", stream: "sub", form: "preview" },
        ],
      },
    ]);
    last().say({ type: "state", tile: 1, state: "live", reason: null, form: "preview", why: "masked", codec: null });
    last().frame(0, 1, 7);
    last().frame(0, 2, 8, 9);
    last().frame(1, 3, 5);
    last().frame(9, 3, 5);
    last().say({ type: "lost", tile: 0, count: 4 });
    last().say({ type: "error", tile: 0, code: "too_many_tiles" });
    last().say({ type: "error", tile: null, code: "invalid" });
    expect(other.state).toHaveBeenCalledOnce();
    expect([...one.init.mock.calls[0]![0]]).toEqual([7]);
    expect([...one.frame.mock.calls[0]![0]]).toEqual([8, 9]);
    expect([...other.picture.mock.calls[0]![0]]).toEqual([5]);
    expect(one.lost).toHaveBeenCalledOnce();
    expect(one.refused).toHaveBeenCalledWith("too_many_tiles");
    expect(one.picture).not.toHaveBeenCalled();
  });

  it("gives no number twice in a row, and closes some time after the last", async () => {
    const stop = link.open({ camera: "cam-1", stream: "sub", form: "video" }, aTile());
    last().up();
    await settled();
    stop();
    stop();
    expect(last().asked("close")).toEqual([{ op: "close", tile: 0 }]);
    const again = link.open({ camera: "cam-2", stream: "sub", form: "video" }, aTile());
    await settled();
    expect(last().asked("open").at(-1)).toMatchObject({ tile: 1, camera: "cam-2" });
    vi.advanceTimersByTime(4_000);
    expect(last().closed).toBe(false);
    again();
    vi.advanceTimersByTime(4_000);
    expect(last().closed).toBe(true);
    link.open({ camera: "cam-3", stream: "sub", form: "video" }, aTile());
    expect(Socket.made).toHaveLength(2);
  });

  it("comes back with growing pauses, and opens its tiles anew", async () => {
    const tile = aTile();
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, tile);
    last().up();
    for (let round = 1; round <= 6; round += 1) {
      last().onclose?.({ code: 1006 });
      expect(tile.down).toHaveBeenCalledTimes(round);
      await vi.advanceTimersByTimeAsync(4_000);
      expect(Socket.made).toHaveLength(round + 1);
    }
    last().up();
    await settled();
    expect(last().asked("open")).toHaveLength(1);
  });

  it("does not come back where nothing may be seen, until it is asked to", async () => {
    fell.mockResolvedValue(false);
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, aTile());
    last().up();
    last().onclose?.({ code: 4403 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fell).toHaveBeenCalledExactlyOnceWith(4403);
    expect(Socket.made).toHaveLength(1);
    link.retry();
    expect(Socket.made).toHaveLength(2);
  });

  it("makes one socket, though it is asked to come back while it finds out whether it may", async () => {
    let answer: (again: boolean) => void = () => {};
    fell.mockReturnValue(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, aTile());
    last().up();
    last().onclose?.({ code: 1006 });
    link.open({ camera: "cam-2", stream: "sub", form: "video" }, aTile());
    expect(Socket.made).toHaveLength(1);
    link.retry();
    expect(Socket.made).toHaveLength(2);
    answer(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(Socket.made).toHaveLength(2);
  });

  it("takes silence for a dead link", async () => {
    const tile = aTile();
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, tile);
    last().up();
    const first = last();
    await vi.advanceTimersByTimeAsync(9_000);
    first.say({ type: "pong", t: Date.now(), now: Date.now() });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(tile.down).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tile.down).toHaveBeenCalledOnce();
    expect(first.closed).toBe(true);
  });

  it("tells when a frame was taken by this browser's clock", () => {
    const tile = aTile();
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, tile);
    last().up();
    const [ping] = last().asked("ping");
    vi.advanceTimersByTime(40);
    last().say({ type: "pong", t: ping!.t, now: (ping!.t as number) + 20 + 5_000 });
    last().say({ type: "clock", tile: 0, taken: Date.now() + 5_000, at: 12.5 });
    expect(tile.clock).toHaveBeenCalledWith(Date.now(), 12.5);
    const [again] = [last().asked("ping").at(-1)!];
    vi.advanceTimersByTime(900);
    last().say({ type: "pong", t: again.t, now: (again.t as number) + 900 + 5_000 }); // all of it on the way there
    last().say({ type: "clock", tile: 0, taken: Date.now() + 5_000, at: 13 });
    expect(tile.clock).toHaveBeenLastCalledWith(Date.now(), 13);
  });

  it("follows a desk's clock that is set, or drifts, while the link stays up", async () => {
    link.open({ camera: "cam-1", stream: "sub", form: "video" }, aTile());
    last().up();
    const pong = (late: number, took: number): void => {
      const t = Date.now();
      vi.setSystemTime(t + took);
      last().say({ type: "pong", t, now: t + took / 2 + late });
    };
    pong(180_000, 10);
    expect(clock.now() - Date.now()).toBe(180_000);
    pong(180_040, 90); // a slower answer tells less, and says nothing else
    expect(clock.now() - Date.now()).toBe(180_000);
    pong(2_000, 90); // this cannot be explained by how long it took
    expect(clock.now() - Date.now()).toBe(2_000);
    pong(2_000, -60_000); // set while it was asked
    expect(clock.now() - Date.now()).toBe(2_000);
  });
});
