import { describe, expect, it } from "vitest";
import { type Strip, unpack } from "../src/api/stills";
import { dayOf, daysIn, HOUR, rowsOf, whyNone } from "../src/views/case/moment/strip/days";
import { marked, type Marks, transitions } from "../src/views/case/moment/strip/marks";
import { ends, widened } from "../src/views/case/moment/strip/pictures";

const NOON = Date.parse("2026-11-23T04:00:00Z");
const DAY = 24 * HOUR;

const strip = (given: Partial<Strip> = {}): Strip => ({
  camera_id: "c",
  stream: "sub",
  every_minutes: 10,
  days: [],
  spans: [{ from: new Date(NOON - 5 * DAY).toISOString(), to: new Date(NOON + DAY).toISOString() }],
  gaps: [],
  scenes: [],
  hidden_until: null,
  earliest: null,
  latest: null,
  ...given,
});

describe("the marks of a strip", () => {
  it("say between which moments it vanished and came, several times, whatever the order they were said in", () => {
    let marks: Marks = new Map();
    for (const [at, answer] of [
      [5, "out"],
      [1, "in"],
      [3, "in"],
      [4, "unknown"],
      [9, "in"],
      [12, "out"],
    ] as const)
      marks = marked(marks, at, answer);
    expect(transitions(marks)).toEqual([
      { from: 3, to: 5, gone: true },
      { from: 5, to: 9, gone: false },
      { from: 9, to: 12, gone: true },
    ]);
    expect(transitions(marked(marks, 9, "in"))).toHaveLength(1);
  });
});

describe("the cells of a strip", () => {
  const picture = (at: number) => ({ wanted: at, at, what: "picture" as const, picture: new Blob(["x"]) });

  it("stand in rows of days of the villages' time, the first picture of each hour in its cell", () => {
    const window = { from: NOON - DAY, to: NOON + HOUR };
    const rows = rowsOf(strip(), [picture(NOON + 600_000), picture(NOON + 60_000), picture(NOON - DAY)], window, DAY, HOUR);
    expect(rows.map((one) => one.label)).toEqual(["11-22", "11-23"]);
    expect(rows[1]!.cells[12]!.at).toBe(NOON + 60_000);
    expect(rows[0]!.cells[12]!.at).toBe(NOON - DAY);
    expect(rows[0]!.cells[11]!.why).toEqual({ sort: "outside" });
    expect(rows[1]!.cells[3]!.why).toEqual({ sort: "none" });
    expect(dayOf(NOON)).toBe(Date.parse("2026-11-22T16:00:00Z"));
  });

  it("are known before their pictures came", () => {
    const one = strip({ days: [{ day: "2026-11-23", at: [NOON, NOON + 600_000], url: "" }] });
    const rows = rowsOf(one, [], { from: NOON - DAY, to: NOON + HOUR }, DAY, HOUR);
    expect(rows[1]!.cells[12]).toMatchObject({ at: NOON, picture: null, why: null });
  });

  it("say why there is no picture", () => {
    const gap = { from: new Date(NOON).toISOString(), to: new Date(NOON + HOUR).toISOString(), cause: "unreachable" };
    const one = strip({ gaps: [gap], spans: [{ from: new Date(NOON - HOUR).toISOString(), to: new Date(NOON + HOUR).toISOString() }] });
    const window = { from: NOON - DAY, to: NOON + DAY };
    expect(whyNone(one, window, NOON, NOON + 60_000)).toEqual({ sort: "gap", cause: "unreachable" });
    expect(whyNone(one, window, NOON - HOUR, NOON)).toEqual({ sort: "none" });
    expect(whyNone(one, window, NOON + 2 * HOUR, NOON + 3 * HOUR)).toEqual({ sort: "unseen" });
    expect(whyNone(one, window, NOON + 2 * DAY, NOON + 3 * DAY)).toEqual({ sort: "outside" });
  });

  it("need the UTC days that a stretch touches", () => {
    const one = strip({ days: ["2026-11-22", "2026-11-23", "2026-11-24"].map((day) => ({ day, at: [], url: "" })) });
    expect(daysIn(one, dayOf(NOON), dayOf(NOON) + DAY).map((day) => day.day)).toEqual(["2026-11-22", "2026-11-23"]);
  });
});

describe("the pictures of a strip", () => {
  it("come as one sheet, and a cut one gives what is whole", () => {
    const bytes = new Uint8Array(28 + 3 + 28);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(0, 1000n);
    view.setBigInt64(8, 1001n);
    view.setUint32(24, 3);
    view.setBigInt64(31, 2000n);
    view.setUint8(31 + 20, 1);
    const [first, second] = unpack(bytes.buffer);
    expect([first!.wanted, first!.at, first!.what, first!.picture!.size]).toEqual([1000, 1001, "picture", 3]);
    expect([second!.what, second!.picture]).toEqual(["none", null]);
    expect(unpack(bytes.buffer.slice(0, 20))).toEqual([]);
  });

  it("are cut a little wider than drawn, never beyond the picture", () => {
    expect(widened({ x0: 0.25, y0: 0.25, x1: 0.5, y1: 0.5 }, 320, 180)).toEqual([60, 34, 120, 68]);
    expect(widened({ x0: 0, y0: 0, x1: 0.01, y1: 0.01 }, 320, 180)).toEqual([0, 0, 24, 24]);
    expect(widened({ x0: 0, y0: 0, x1: 1, y1: 1 }, 320, 180)).toEqual([0, 0, 320, 180]);
  });

  it("have their contrast stretched without the outermost hundredths", () => {
    const counts = new Uint32Array(256);
    counts[0] = 1;
    counts[60] = 500;
    counts[90] = 500;
    counts[255] = 1;
    expect(ends(counts, 1002)).toEqual([60, 90]);
  });
});
