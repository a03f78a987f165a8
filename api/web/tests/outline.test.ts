import { describe, expect, it } from "vitest";
import type { Point, Scene } from "../src/api/register";
import { area, canFollow, isSimple, middle, outlineFault, segmentsMeet, share } from "../src/store/outline";
import { amend, asKind, begin, fault, redo, rulesOf, sceneFault, step, undo, withNewRule, withoutShape, withPoints, withShape } from "../src/store/scenedraft";

const SQUARE: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];
const BOW: Point[] = [SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!];
const EMPTY: Scene = { masks: [], zones: [], lines: [], rules: [] };

describe("an outline", () => {
  it("is refused where the hub refuses it", () => {
    expect(outlineFault(SQUARE)).toBeNull();
    expect(outlineFault(BOW)).toBe("self_intersection");
    expect(outlineFault(SQUARE.slice(0, 2))).toBe("corners");
    expect(outlineFault(Array.from({ length: 65 }, (_, i): Point => [Math.cos(i / 11) / 3 + 0.5, Math.sin(i / 11) / 3 + 0.5]))).toBe("corners");
    expect(outlineFault([[0.1, 0.1], [0.1001, 0.1], [0.1001, 0.1001]])).toBe("area");
  });

  it("may neither touch itself nor fold back nor double a corner", () => {
    expect(isSimple([...SQUARE, [0.4, 0.2]])).toBe(false);
    expect(isSimple([SQUARE[0]!, SQUARE[0]!, SQUARE[1]!, SQUARE[2]!])).toBe(false);
    expect(isSimple([[0, 0], [0.5, 0], [0.2, 0], [0.2, 0.5]])).toBe(false);
    expect(isSimple([[0, 0], [0.5, 0], [1, 0], [0.5, 0.5]])).toBe(true);
  });

  it("meets itself in a point as well as in a cross", () => {
    expect(segmentsMeet([0, 0], [1, 1], [0, 1], [1, 0])).toBe(true);
    expect(segmentsMeet([0, 0], [1, 0], [0.5, 0], [0.5, 1])).toBe(true);
    expect(segmentsMeet([0, 0], [1, 0], [0, 0.1], [1, 0.1])).toBe(false);
  });

  it("grows by a corner only where no edge is crossed", () => {
    const open = SQUARE.slice(0, 3);
    expect(canFollow([], [0.5, 0.5])).toBe(true);
    expect(canFollow(open, [0.2, 0.6])).toBe(true);
    expect(canFollow(open, [0.4, 0.1])).toBe(false);
    expect(canFollow(open, [0.6, 0.6])).toBe(false);
    expect(canFollow(open, [0.6, 0.4])).toBe(false);
  });

  it("has an area, a middle between corners, and corners inside the picture", () => {
    expect(area(SQUARE)).toBeCloseTo(0.16);
    expect(middle([0, 0], [1, 0.5])).toEqual([0.5, 0.25]);
    expect([share(-1), share(2), share(0.123456)]).toEqual([0, 1, 0.1235]);
  });
});

describe("a scene being drawn", () => {
  const zoned = withShape(EMPTY, "zone", SQUARE, "羊圈", ["进", "出"]);
  const ruled = withNewRule(withShape(zoned, "line", [[0, 0], [1, 1]], "村口", ["进村", "出村"]), "zone_entered", "夜里进羊圈");

  it("gives shapes ids of their own, also after one is gone", () => {
    const two = withShape(zoned, "zone", SQUARE, "二", ["", ""]);
    const third = withShape(withoutShape(two, { kind: "zone", index: 0 }), "zone", SQUARE, "三", ["", ""]);
    expect(new Set(third.zones.map((one) => one.id)).size).toBe(2);
  });

  it("takes the rules of a shape along when it goes", () => {
    expect(rulesOf(ruled, { kind: "zone", index: 0 })).toHaveLength(1);
    expect(withoutShape(ruled, { kind: "zone", index: 0 }).rules).toEqual([]);
    expect(withoutShape(ruled, { kind: "line", index: 0 }).rules).toHaveLength(1);
  });

  it("keeps of a rule only what its kind has", () => {
    const rule = ruled.rules[0]!;
    expect(asKind(ruled, rule, "line_crossed")).toMatchObject({ zone: null, line: "line-1" });
    expect(asKind(ruled, { ...rule, direction: "in" }, "object")).toMatchObject({ line: null, direction: null });
    expect(asKind(ruled, rule, "unknown_moving").groups).toEqual(["unknown"]);
  });

  it("is undone and redone step by step, a drag as one", () => {
    let steps = step(begin(EMPTY), zoned);
    steps = step(steps, withPoints(zoned, { kind: "zone", index: 0 }, [[0.1, 0.2], ...SQUARE.slice(1)]));
    steps = amend(steps, withPoints(zoned, { kind: "zone", index: 0 }, [[0, 0.2], ...SQUARE.slice(1)]));
    expect(undo(steps).now).toEqual(zoned);
    expect(undo(undo(undo(steps))).now).toEqual(EMPTY);
    expect(redo(undo(steps)).now).toEqual(steps.now);
    expect(step(undo(steps), EMPTY).future).toEqual([]);
  });

  it("says what the hub would refuse", () => {
    expect(sceneFault(ruled)).toBeNull();
    expect(sceneFault({ ...ruled, zones: [{ ...ruled.zones[0]!, name: " " }] })).toEqual({ code: "name" });
    expect(sceneFault({ ...ruled, rules: [{ ...ruled.rules[0]!, zone: null }] })).toMatchObject({ code: "zone" });
    expect(sceneFault({ ...ruled, masks: [BOW] })).toEqual({ code: "outline" });
    expect(fault("line", [[0.1, 0.1], [0.1, 0.1]])).toBe("line");
  });
});
