import { expect, test } from "vitest";
import type { MotionChange, MotionHit } from "../src/api/motion";
import { arranged } from "../src/views/case/moment/search/order";

const hit = (from: string, camera_id = "a"): MotionHit => ({ camera_id, from, to: from, seconds: 1, cells: 1, usual: null, event: null });
const change = (from: string, camera_id = "a"): MotionChange => ({ camera_id, from, state: "changed", score: 1, why: null, before: null, after: null });

test("hits stand in the hub's order, of one moment too, and what it does not name is not lost", () => {
  const hits = [hit("1"), hit("2"), hit("1", "b"), hit("3")];
  expect(arranged(hits, [change("1", "b"), change("2"), change("1")]).map((one) => one.camera_id + one.from)).toEqual(["b1", "a2", "a1", "a3"]);
});
