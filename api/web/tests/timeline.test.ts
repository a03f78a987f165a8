import { describe, expect, it, vi } from "vitest";
import { FootageReader, footageOf, nextFootage, renewed, stateAt } from "../src/store/footage";
import type { Recordings } from "../src/api/recordings";
import { PlaySession } from "../src/store/playsession";
import { readWanted, writeWanted } from "../src/views/playback";
import { atX, centred, DAY, following, held, HOUR, LONGEST, MINUTE, SECOND, SHORTEST, spanOf, ticks, xOf, zoomed } from "../src/ui/timeline/scale";

import { held as answerLater, serve } from "./hub";

const AT = Date.parse("2026-11-23T12:00:00Z");
const VIEW = { from: AT, to: AT + HOUR };

describe("the scale of a timeline", () => {
  it("finds a moment's place and a place's moment", () => {
    expect(xOf(VIEW, 1200, AT + 30 * MINUTE)).toBe(600);
    expect(atX(VIEW, 1200, xOf(VIEW, 1200, AT + 12_345))).toBeCloseTo(AT + 12_345, 3);
  });

  it("zooms around a moment that stays where it is, between a second and thirty days", () => {
    const near = zoomed(VIEW, 0.5, AT + 15 * MINUTE);
    expect(spanOf(near)).toBe(30 * MINUTE);
    expect(xOf(near, 1200, AT + 15 * MINUTE)).toBeCloseTo(300, 6);
    expect(spanOf(zoomed(VIEW, 1e-9, AT))).toBeCloseTo(SHORTEST, 3);
    expect(spanOf(zoomed(VIEW, 1e9, AT))).toBe(LONGEST);
    expect(spanOf(centred(VIEW, AT, 7 * DAY))).toBe(7 * DAY);
  });

  it("shows little of what is to come, and follows what plays only when it leaves", () => {
    const ahead = held({ from: AT, to: AT + HOUR }, AT);
    expect(ahead.to).toBe(AT + HOUR / 10);
    expect(spanOf(ahead)).toBe(HOUR);
    expect(following(VIEW, AT + 30 * MINUTE)).toBe(VIEW);
    const moved = following(VIEW, AT + HOUR + SECOND);
    expect(moved.from).toBeGreaterThan(VIEW.from);
    expect(xOf(moved, 100, AT + HOUR + SECOND)).toBeGreaterThan(0);
    expect(xOf(moved, 100, AT + HOUR + SECOND)).toBeLessThan(100);
  });

  it("marks round local times, apart from each other, and where a day begins", () => {
    const ahead = 8 * HOUR;
    for (const span of [SECOND, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY]) {
      const view = { from: AT, to: AT + span };
      const { ticks: found } = ticks(view, 1000, 78, ahead);
      expect(found.length).toBeGreaterThan(1);
      expect(found.length).toBeLessThanOrEqual(14);
    }
    const days = ticks({ from: AT, to: AT + DAY }, 1000, 78, ahead).ticks.filter((one) => one.day);
    expect(days.map((one) => new Date(one.at).toISOString())).toEqual(["2026-11-23T16:00:00.000Z"]);
  });
});

const iso = (ms: number): string => new Date(ms).toISOString();
const told = (change: Partial<Recordings>): Recordings => ({
  camera_id: "c1",
  stream: "sub",
  streams: ["sub"],
  spans: [],
  gaps: [],
  holds: [],
  mode: "continuous",
  days: 30,
  oldest: null,
  hidden_until: null,
  clock_offset_ms: null,
  ...change,
});
const span = (from: number, to: number) => ({ from: iso(AT + from), to: iso(AT + to), why: "continuous" as const, codec: "h264", playable: true, masked: false });

describe("what was recorded", () => {
  const one = footageOf(
    told({ spans: [span(0, 10_000), span(30_000, 60_000)], gaps: [{ from: iso(AT + 10_000), to: iso(AT + 20_000), cause: "unreachable" }] }),
    { from: AT - 5_000, to: AT + 60_000 },
  );

  it("tells a gap from what was not to be recorded, and both from what is not known", () => {
    expect(stateAt(one, AT + 5_000).sort).toBe("recorded");
    expect(stateAt(one, AT + 10_000)).toEqual({ sort: "gap", cause: "unreachable" });
    expect(stateAt(one, AT + 25_000).sort).toBe("none");
    expect(stateAt(one, AT + 70_000).sort).toBe("unknown");
  });

  it("says where any camera goes on, never where one stands already", () => {
    const other = footageOf(told({ spans: [span(22_000, 24_000)] }), { from: AT, to: AT + 60_000 });
    expect(nextFootage([one], AT + 12_000, true)).toBe(AT + 30_000);
    expect(nextFootage([one, other], AT + 12_000, true)).toBe(AT + 22_000);
    expect(nextFootage([one], AT + 40_000, true)).toBeGreaterThan(AT + 40_000);
    expect(nextFootage([one], AT + 59_900, true)).toBeNull();
    expect(nextFootage([one], AT + 25_000, false)).toBe(AT + 9_999);
    expect(nextFootage([one], AT - 1, false)).toBeNull();
  });

  it("takes its end anew, as one span with what was known", () => {
    const tail = footageOf(told({ spans: [span(50_000, 90_000)] }), { from: AT + 50_000, to: AT + 95_000 });
    const whole = renewed(one, tail);
    expect(whole.known).toEqual({ from: AT - 5_000, to: AT + 95_000 });
    expect(whole.spans.map((part) => [part.from - AT, part.to - AT])).toEqual([
      [0, 10_000],
      [30_000, 90_000],
    ]);
    expect(whole.gaps).toHaveLength(1);
  });
});

it("a tail that was under way when one went to another time is not put to the end of that", async () => {
  vi.useFakeTimers({ now: AT });
  const tail = answerLater();
  let asked = 0;
  serve(() => {
    asked += 1;
    const lane = { camera_id: "c1", refused: null, recordings: told({}), counts: [], motion: null };
    const answer = { body: { lanes: [lane], bucket: "hour" } };
    return asked === 2 ? tail.answer.then(() => answer) : answer;
  });
  const one = new FootageReader("c1", "sub");
  one.cover({ from: AT - HOUR, to: AT }, AT);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(2);
  one.cover({ from: AT - 20 * DAY, to: AT - 20 * DAY + HOUR }, AT);
  await vi.advanceTimersByTimeAsync(0);
  tail.give({});
  await vi.advanceTimersByTimeAsync(0);
  expect(one.value.value!.known.to).toBeLessThan(AT - 19 * DAY);
  one.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("where one plays", () => {
  it("a look for the next event is over once one goes elsewhere, or looks for another", () => {
    const session = new PlaySession([], "sub", AT);
    const [first, second] = [session.looking(), session.looking()];
    expect([first.aborted, second.aborted]).toEqual([true, false]);
    session.seek(AT - HOUR);
    expect(second.aborted).toBe(true);
    session.close();
  });
});

describe("the address of a playback", () => {
  it("names cameras, moment and stream, and reads them back", () => {
    const wanted = { cameras: ["a", "b"], beside: ["x"], clocks: { b: 37_000 }, at: AT, stream: "main" as const };
    expect(readWanted(writeWanted(wanted), AT + DAY)).toEqual(wanted);
  });

  it("takes what is wrong for what is usual, four cameras at most, and no moment to come", () => {
    const read = readWanted(new URLSearchParams("cameras=a,b,c,d,e,a&at=nonsense&stream=other"), AT);
    expect(read).toEqual({ cameras: ["a", "b", "c", "d"], beside: [], clocks: {}, at: AT - 120_000, stream: "sub" });
    expect(readWanted(new URLSearchParams({ at: iso(AT + DAY) }), AT).at).toBe(AT);
  });
});
