import { h, render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import type { Upload } from "../src/api/canvass";
import { clipAt, footageOfClips, lanesOf, useGiven } from "../src/store/given";
import { session } from "../src/store/session";
import { Undated } from "../src/views/playback/given";
import { aSession, serve, settled } from "./hub";

const MINUTE = 60_000;
const NIGHT = Date.parse("2026-11-30T01:00:00Z");

const upload = (id: string, minute: number | null, more: Partial<Upload> = {}): Upload =>
  ({
    id,
    request_id: "r",
    entry_name: "张大爷家",
    device: "院门口",
    state: "accepted",
    purged_at: null,
    begins_at: minute === null ? null : new Date(NIGHT + minute * MINUTE).toISOString(),
    examined: { duration_ms: 10 * MINUTE },
    ...more,
  }) as Upload;

describe("what was given, as lanes", () => {
  it("has a lane for each device of a giver, its files in time, whatever order they came in", () => {
    const { lanes, undated } = lanesOf([upload("b", 10), upload("c", 0, { device: "后院" }), upload("a", 0), upload("d", 0, { request_id: "s", entry_name: "小卖部" })]);
    expect(lanes.map((one) => [one.name, one.clips.map((clip) => clip.id)])).toEqual([
      ["张大爷家 · 院门口", ["a", "b"]],
      ["张大爷家 · 后院", ["c"]],
      ["小卖部 · 院门口", ["d"]],
    ]);
    expect(undated).toBe(0);
    expect(footageOfClips(lanes[0]!.clips).spans.map((one) => [one.from, one.to])).toEqual([
      [NIGHT, NIGHT + 10 * MINUTE],
      [NIGHT + 10 * MINUTE, NIGHT + 20 * MINUTE],
    ]);
  });

  it("leaves out what the case did not take, and counts what has no time", () => {
    const none = [upload("a", 0, { state: "received" }), upload("b", 0, { purged_at: "2026-12-01T00:00:00Z" })];
    expect(lanesOf(none)).toEqual({ lanes: [], undated: 0 });
    expect(lanesOf([upload("c", null), upload("d", 0, { examined: null })])).toEqual({ lanes: [], undated: 2 });
  });

  it("plays the file of the moment, and between two the nearer", () => {
    const [lane] = lanesOf([upload("a", 0), upload("b", 30)]).lanes;
    expect([-5, 3, 12, 28, 33, 99].map((at) => clipAt(lane!, NIGHT + at * MINUTE).id)).toEqual(["a", "a", "a", "b", "b", "b"]);
  });
});

it("that nothing given could be read is told: it is not that there is none", async () => {
  const under = aSession().purpose!;
  session.value = aSession({ purpose: { ...under, kind: "case", case_id: "c" }, permissions: ["work_cases"] });
  serve(() => ({ status: 403, body: { code: "case_not_member" } }));
  const root = document.createElement("div");
  const Part = () => h(Undated, { given: useGiven() });
  act(() => render(h(Part, {}), root));
  await act(settled);
  expect(root.textContent).toContain("没有读到他人提供的录像");
  expect(root.textContent).toContain("只有办案人可以按本案查看");
  act(() => render(null, root));
  session.value = null;
  vi.unstubAllGlobals();
});
