import { describe, expect, it } from "vitest";
import { bearing, distance, extent, gridStep, metresPerPixel, parsePosition, project, travel } from "../src/ui/map/geo";
import type { LonLat } from "../src/ui/map/shapes";

const HANSHU: LonLat = [123.9411, 45.7312];

describe("reckoning on the map", () => {
  it("comes back from where it went, in every direction", () => {
    for (let to = 0; to < 360; to += 15) {
      const there = travel(HANSHU, to, 730);
      expect(distance(HANSHU, there)).toBeCloseTo(730, 3);
      expect(Math.abs(((bearing(HANSHU, there) - to + 540) % 360) - 180)).toBeLessThan(0.01);
    }
  });

  it("agrees with known lengths", () => {
    expect(distance([124, 45], [124, 46])).toBeCloseTo(111_195, -1);
    expect(metresPerPixel(0, 0)).toBeCloseTo(156_368, -3);
    expect(metresPerPixel(1, 60)).toBeCloseTo(metresPerPixel(0, 60) / 2, 6);
  });

  it("puts the world on a unit square and ends at its edge", () => {
    expect(project([0, 0])).toEqual([0.5, 0.5]);
    expect(project([180, 85.051_128_78])[1]).toBeCloseTo(0, 6);
    expect(project([180, 90])[1]).toBeCloseTo(0, 6);
    expect(project([-180, -90])).toEqual([0, expect.closeTo(1, 6)]);
  });

  it("reads positions as people write them, latitude first, and nothing else", () => {
    expect(parsePosition("45.7312, 123.9411")).toEqual([123.9411, 45.7312]);
    expect(parsePosition(" 45.7312，123.9411 ")).toEqual([123.9411, 45.7312]);
    expect(parsePosition("-45 123")).toEqual([123, -45]);
    for (const wrong of ["", "123.9411, 45.7312", "45.7", "45.7,", "45,7, 123,9", "91, 10", "10, 181", "a, b", "1e3, 4", "45.7, 123.9, 1"])
      expect(parsePosition(wrong), wrong).toBeNull();
  });

  it("chooses a grid of round steps at least as wide as asked", () => {
    for (let zoom = 3; zoom <= 20; zoom += 0.5) {
      const step = gridStep(zoom, 110);
      expect([1, 2, 5]).toContain(Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9)));
      expect((step / 360) * 256 * 2 ** zoom).toBeGreaterThanOrEqual(109.9);
    }
  });

  it("finds how far positions reach", () => {
    expect(extent([])).toBeNull();
    expect(extent([HANSHU, [123, 46]])).toEqual([123, 45.7312, 123.9411, 46]);
  });
});
