import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Playback } from "../src/api/recordings";
import { Problem } from "../src/api/client";
import { SLOT_MS, Windows } from "../src/store/playwindows";
import { FrameTimes } from "../src/ui/player/boxes";
import { PlayClock } from "../src/ui/player/clock";
import { Feed, type Into, keyframesOnly } from "../src/ui/player/feed";
import { steer } from "../src/ui/player/steer";

const AT = Math.floor(Date.parse("2026-11-23T12:00:00Z") / SLOT_MS) * SLOT_MS;

describe("steering to the common clock", () => {
  it("leaves alone what nobody sees, plays away what is little, jumps over what is much", () => {
    expect(steer(0.01, 1)).toEqual({ rate: 1 });
    expect(steer(0.1, 1)).toEqual({ rate: 0.85 });
    expect(steer(-0.1, 1)).toEqual({ rate: 1.15 });
    expect(steer(-2, 1)).toEqual({ seek: true });
  });

  it("brings a drift to nothing within seconds, and never swings", () => {
    for (const start of [0.35, -0.35]) {
      let drift = start;
      for (let tick = 0; tick < 100; tick += 1) {
        const how = steer(drift, 1);
        expect("rate" in how).toBe(true);
        if ("rate" in how) drift += (how.rate - 1) * 0.04;
        expect(Math.abs(drift)).toBeLessThanOrEqual(Math.abs(start));
      }
      expect(Math.abs(drift)).toBeLessThan(0.02);
    }
  });

  it("measures by the wall when it plays fast, and keeps to what browsers play", () => {
    expect(steer(2, 16)).toMatchObject({ rate: 13 });
    expect(steer(-2, 16)).toEqual({ rate: 16 });
    expect(steer(0.39, 0.25)).toHaveProperty("rate");
  });
});

describe("the clock of a playback", () => {
  it("runs at its rate while it is not held, and goes where it is set", () => {
    let wall = 0;
    const clock = new PlayClock(1_000, () => wall);
    wall = 500;
    expect(clock.at).toBe(1_000);
    clock.run();
    wall = 1_500;
    expect(clock.at).toBe(2_000);
    clock.rate = 4;
    wall = 2_000;
    expect(clock.at).toBe(4_000);
    clock.hold();
    wall = 9_000;
    expect(clock.at).toBe(4_000);
    clock.run();
    clock.rate = -2;
    wall = 9_500;
    expect(clock.at).toBe(3_000);
    clock.set(100);
    wall = 9_600;
    expect(clock.at).toBe(-100);
  });
});

const u32 = (...values: number[]): number[] => values.flatMap((one) => [(one >>> 24) & 255, (one >>> 16) & 255, (one >>> 8) & 255, one & 255]);
const box = (name: string, ...inner: number[]): number[] => [...u32(inner.length + 8), ...[...name].map((one) => one.charCodeAt(0)), ...inner];

/** A file of fragments as a recorder writes it: 1000 ticks a second, `durations` of each fragment's frames. */
function file(...fragments: { base: number; durations: number[]; shift?: number }[]): Uint8Array {
  const moov = box("moov", ...box("trak", ...box("mdia", ...box("mdhd", ...u32(0, 0, 0, 1000, 0, 0)))), ...box("mvex", ...box("trex", ...u32(0, 1, 1, 66, 0, 0))));
  const parts = fragments.map(({ base, durations, shift }) => {
    const flags = 0x100 | 0x200 | (shift === undefined ? 0 : 0x800);
    const run = durations.flatMap((one) => u32(one, 5, ...(shift === undefined ? [] : [shift])));
    const traf = box("traf", ...box("tfhd", ...u32(0x20000, 1)), ...box("tfdt", ...u32(0x1000000, 0, base)), ...box("trun", ...u32(0x1000000 | flags, durations.length), ...run));
    return [...box("moof", ...box("mfhd", ...u32(0, 1)), ...traf), ...box("mdat", ...new Array<number>(40).fill(7))];
  });
  return Uint8Array.from([...box("ftyp", ...u32(1, 2)), ...moov, ...parts.flat()]);
}

describe("the frames of a file", () => {
  it("are told as they come, wherever the bytes are cut", () => {
    const data = file({ base: 0, durations: [40, 60] }, { base: 100, durations: [50], shift: 20 });
    for (const size of [1, 7, 64, data.length]) {
      const reads = new FrameTimes();
      const found: number[] = [];
      for (let at = 0; at < data.length; at += size) found.push(...reads.read(data.subarray(at, at + size)));
      expect(found).toEqual([0, 40, 120]);
    }
  });

  it("are none in what is no such file", () => {
    expect(new FrameTimes().read(Uint8Array.from(u32(3, 4, 5, 6)))).toEqual([]);
    expect(new FrameTimes().read(Uint8Array.from([...box("moof", ...box("traf", ...u32(999, 0x7472756e)))]))).toEqual([]);
  });
});

const iso = (ms: number): string => new Date(ms).toISOString();
const segment = (from: number, to: number | null) => ({
  started_at: iso(AT + from),
  ended_at: to === null ? null : iso(AT + to),
  codec: "h264",
  mime: 'video/mp4; codecs="avc1.42e01e"',
  width: 640,
  height: 360,
  bytes: 1,
  damage: null,
  clock_offset_ms: null,
  url: `/api/v1/segments/c1/sub/${AT + from}?ticket=t`,
  picture_url: `/api/v1/segments/c1/sub/${AT + from}/picture?ticket=t`,
});

let wall = AT + 10 * SLOT_MS;
const playback = (...spans: [number, number | null][]): Playback => ({
  cameras: [{ camera_id: "c1", refused: null, segments: spans.map(([from, to]) => segment(from, to)) }],
});
const asProblem = (err: unknown): Problem => err as Problem;

describe("the windows of tickets", () => {
  beforeEach(() => {
    wall = AT + 10 * SLOT_MS;
  });

  it("are asked once for half an hour, and again before their tickets run out", async () => {
    const ask = vi.fn(async () => playback([0, 60_000], [60_000, 120_000]));
    const windows = new Windows(["c1"], "sub", asProblem, () => wall, ask);
    expect(windows.at("c1", AT + 30_000)).toBeUndefined();
    expect((await windows.find("c1", AT + 70_000))?.from).toBe(AT + 60_000);
    expect(windows.at("c1", AT + 30_000)?.from).toBe(AT);
    expect(windows.at("c1", AT + 120_000)).toBeNull();
    expect(ask).toHaveBeenCalledTimes(1);
    expect(ask).toHaveBeenCalledWith(["c1"], AT, AT + SLOT_MS, "sub");
    wall += 250_000;
    expect(windows.at("c1", AT + 30_000)?.from).toBe(AT); // what was fetched plays on
    await windows.find("c1", AT + 30_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("tell what comes next, over the border of the half hour, and pass over what cannot be read", async () => {
    const ask = async (_: readonly string[], from: number): Promise<Playback> =>
      from === AT ? playback([0, 60_000], [60_000, SLOT_MS]) : playback([SLOT_MS, SLOT_MS + 60_000]);
    const windows = new Windows(["c1"], "sub", asProblem, () => wall, ask);
    const first = (await windows.find("c1", AT))!;
    expect((await windows.beside("c1", AT + 59_500, true))?.from).toBe(AT + 60_000);
    expect((await windows.beside("c1", AT + SLOT_MS - 500, true))?.from).toBe(AT + SLOT_MS);
    expect((await windows.beside("c1", AT + 60_000, false))?.from).toBe(AT);
    windows.spoil("c1", first, "corrupt");
    expect(windows.at("c1", AT + 1)).toBeNull();
    expect(windows.damage("c1", AT + 1)).toBe("corrupt");
    expect(windows.damaged("c1").map((one) => one.from)).toEqual([AT]);
    expect(windows.edge("c1", AT + 1, true)).toBe(AT + 60_000);
  });

  it("say why a camera, or all of them, may not be played, and ask again after a while", async () => {
    const refusing = async (): Promise<Playback> => ({ cameras: [{ camera_id: "c1", refused: "recording_no_consent", segments: [] }] });
    const one = new Windows(["c1"], "sub", asProblem, () => wall, refusing);
    expect(await one.find("c1", AT)).toBeNull();
    expect(one.refusal("c1", AT)).toBe("recording_no_consent");
    const ask = vi.fn(async (): Promise<Playback> => {
      throw new Problem(403, "beyond_patrol", "too old");
    });
    const all = new Windows(["c1"], "sub", asProblem, () => wall, ask);
    await all.find("c1", AT);
    expect(all.refusal("c1", AT)).toBe("beyond_patrol");
    await all.find("c1", AT);
    expect(ask).toHaveBeenCalledTimes(1);
    wall += 3_001;
    await all.find("c1", AT);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

class FakeSink implements Into {
  put: string[] = [];
  async begin(_: string, offset: number): Promise<void> {
    this.put.push(`at ${offset}`);
  }
  async append(data: Uint8Array<ArrayBuffer>): Promise<void> {
    this.put.push(`${data.length} bytes`);
  }
  async trim(): Promise<void> {}
}

describe("feeding a video", () => {
  const asked: string[] = [];
  let answers: (url: string) => Response;
  let sink: FakeSink;
  let now: { at: number; rate: number };

  beforeEach(() => {
    asked.length = 0;
    sink = new FakeSink();
    now = { at: AT + 30_000, rate: 1 };
    answers = () => new Response(file({ base: 0, durations: [20_000, 20_000, 20_000] }) as BodyInit);
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url.replace(`/api/v1/segments/c1/sub/`, "").replace("?ticket=t", ""));
      return answers(url);
    });
  });
  afterEach(() => void vi.unstubAllGlobals());

  const settle = async (): Promise<void> => {
    for (let n = 0; n < 300; n += 1) await Promise.resolve();
    await new Promise((done) => setTimeout(done, 5));
  };

  function feed(spans: [number, number | null][], waits: () => Promise<void> = () => new Promise(() => {})): Feed {
    const windows = new Windows(["c1"], "sub", asProblem, () => AT + 10 * SLOT_MS, async () => playback(...spans));
    return new Feed("c1", windows, sink, now, AT, () => {}, waits);
  }

  it("begins at the moment, goes on over the border of segments, and waits when it is ahead", async () => {
    const one = feed([
      [0, 60_000],
      [60_000, 120_000],
      [120_000, 180_000],
    ]);
    one.start(AT + 30_000);
    await settle();
    expect(asked).toEqual([`${AT}&at=${AT + 30_000}`]);
    expect(sink.put[0]).toBe("at 0");
    expect(one.heads(AT + 45_000)).toBe(true);
    expect(one.heads(AT + 300_000)).toBe(false);
    expect(one.frame(AT + 25_000, 1)).toBe(AT + 40_000);
    expect(one.frame(AT + 25_000, -1)).toBe(AT);
    one.end();
  });

  it("fetches the next when the clock comes near, whole and at its own place", async () => {
    now.at = AT + 55_000;
    const one = feed(
      [
        [0, 60_000],
        [60_050, 120_000],
      ],
      () => new Promise(() => {}),
    );
    one.start(AT + 55_000);
    await settle();
    expect(asked).toEqual([`${AT}&at=${AT + 55_000}`, `${AT + 60_050}`]);
    expect(sink.put.filter((said) => said.startsWith("at"))).toEqual(["at 0", "at 60.05"]);
    one.end();
  });

  it("stops before a gap", async () => {
    now.at = AT + 55_000;
    const one = feed([
      [0, 60_000],
      [90_000, 120_000],
    ]);
    one.start(AT + 55_000);
    await settle();
    expect(asked).toHaveLength(1);
    expect(one.heads(AT + 59_000)).toBe(true);
    expect(one.heads(AT + 95_000)).toBe(false);
  });

  it("asks for keyframes alone above 4× and backwards, where it goes from the last to the first", async () => {
    expect([1, 4, 8, 16, -1].map(keyframesOnly)).toEqual([false, false, true, true, true]);
    now.rate = -2;
    now.at = AT + 70_000;
    const one = feed([
      [0, 60_000],
      [60_000, 120_000],
    ]);
    one.start(AT + 70_000);
    await settle();
    expect(asked).toEqual([`${AT + 60_000}&only=keyframes`, `${AT}&only=keyframes`]);
    one.end();
  });

  it("passes over what is damaged, and takes new tickets for stale ones", async () => {
    now.at = AT + 55_000;
    let stale = true;
    answers = (url) => {
      if (url.includes(`${AT}?`) && stale) {
        stale = false;
        return new Response(JSON.stringify({ code: "ticket" }), { status: 403 });
      }
      if (url.includes(`${AT + 60_000}?`)) return new Response(JSON.stringify({ code: "segment_damaged" }), { status: 404 });
      return new Response(file({ base: 0, durations: [20_000, 20_000, 20_000] }) as BodyInit);
    };
    const one = feed(
      [
        [0, 60_000],
        [60_000, 60_500],
        [60_500, 120_000],
      ],
      () => new Promise((done) => setTimeout(done, 1)),
    );
    one.start(AT + 55_000);
    await vi.waitFor(() => expect(asked).toHaveLength(4));
    expect(asked).toEqual([`${AT}&at=${AT + 55_000}`, `${AT}&at=${AT + 55_000}`, `${AT + 60_000}`, `${AT + 60_500}`]);
    one.end();
  });

  it("takes nothing for its own that an earlier moment's fetch still puts in", async () => {
    let put: () => void = () => {};
    const slow: Into = {
      begin: async () => {},
      append: () => new Promise((done) => (put = done)),
      trim: async () => {},
    };
    const spans: [number, number | null][] = [
      [0, 60_000],
      [1_200_000, 1_260_000],
    ];
    const windows = new Windows(["c1"], "sub", asProblem, () => AT + 10 * SLOT_MS, async () => playback(...spans));
    const one = new Feed("c1", windows, slow, now, AT, () => {}, () => new Promise(() => {}));
    one.start(AT + 30_000);
    await settle();
    const first = put;
    one.start(AT + 1_230_000);
    first();
    await settle();
    expect(one.heads(AT + 600_000)).toBe(false);
    expect(one.frame(AT + 25_000, 1)).toBe(null);
    one.end();
  });
});
