import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStream, type Listener } from "../src/api/stream";
import { anEvent, Socket } from "./hub";

const heard = { event: vi.fn(), lost: vi.fn(), open: vi.fn(), down: vi.fn(), ended: vi.fn() };
let stream: EventStream;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  Socket.made = [];
  for (const one of Object.values(heard)) one.mockReset();
  stream = new EventStream("ws://hub/stream", heard satisfies Listener, () => 0.5);
});

afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const last = (): Socket => Socket.made.at(-1)!;

describe("the stream", () => {
  it("hands on events and losses", () => {
    const event = anEvent();
    last().onopen?.();
    last().say({ type: "event", event });
    last().say({ type: "lost", count: 7 });
    last().say({ type: "ping" });
    expect(heard.open).toHaveBeenCalledWith(false);
    expect(heard.event).toHaveBeenCalledWith(event);
    expect(heard.lost).toHaveBeenCalledWith(7);
  });

  it("comes back after 1, 2, 4 … 30 s, and says that there was a gap", () => {
    last().onopen?.();
    const pauses: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = Socket.made.length;
      last().onclose?.({ code: 1006 });
      let waited = 0;
      while (Socket.made.length === before) {
        vi.advanceTimersByTime(500);
        waited += 500;
      }
      pauses.push(waited);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(heard.down).toHaveBeenCalledTimes(7);
    last().onopen?.();
    expect(heard.open).toHaveBeenLastCalledWith(true);
  });

  it("takes 45 s of silence for a dead link", () => {
    last().onopen?.();
    const first = last();
    vi.advanceTimersByTime(30_000);
    first.say({ type: "ping" });
    vi.advanceTimersByTime(44_000);
    expect(heard.down).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(first.closed).toBe(true);
    expect(heard.down).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1_000);
    expect(Socket.made).toHaveLength(2);
  });

  it("connects at once when the browser finds its network again", () => {
    last().onopen?.();
    last().onclose?.({ code: 1006 });
    dispatchEvent(new Event("online"));
    expect(Socket.made).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(Socket.made).toHaveLength(2);
  });

  it.each([
    [4401, "session"],
    [4403, "purpose"],
  ])("does not come back after %i", (code, why) => {
    last().onopen?.();
    last().onclose?.({ code });
    vi.advanceTimersByTime(120_000);
    expect(heard.ended).toHaveBeenCalledWith(why);
    expect(Socket.made).toHaveLength(1);
  });

  it("stays closed once closed", () => {
    stream.close();
    vi.advanceTimersByTime(120_000);
    dispatchEvent(new Event("online"));
    expect(Socket.made).toHaveLength(1);
    expect(last().closed).toBe(true);
  });
});
