import { expect, test } from "vitest";
import type { Purpose } from "../src/api/types";
import { axis, isOpenEnded, read } from "../src/store/filters";
import { reachedPlaces, reachedSpan, reachedTimes } from "../src/store/reach";

const NOW = Date.parse("2026-11-24T04:00:00Z");
const DAY = 86_400_000;
const none = read(new URLSearchParams());

const under = (given: Partial<Purpose>): Purpose => ({
  id: "p",
  kind: "case",
  case_id: "c",
  case_number: "A1",
  case_title: "丢羊",
  approval_id: null,
  reason: "",
  opened_at: "2026-11-24T00:00:00Z",
  expires_at: "2026-11-24T12:00:00Z",
  closed_at: null,
  places: ["220882100200", "220882100201", "220882100202"],
  since: "2026-11-19T16:00:00Z",
  until: "2026-11-22T16:00:00Z",
  looks_back_hours: null,
  cameras: null,
  ...given,
});

test("what a case reaches is said, not 'all places, 30 days'", () => {
  expect(reachedPlaces(under({}))).toBe("本案范围内 · 3 个村");
  expect(reachedTimes(under({}), NOW)).toBe("11-20 – 11-22");
  expect(reachedPlaces(under({ approval_id: "g" }))).toBe("获批范围内 · 3 个村");
  const patrol = under({ kind: "patrol", places: null, since: null, until: null, looks_back_hours: 24 });
  expect(reachedPlaces(patrol)).toBe(null);
  expect(reachedTimes(patrol, NOW)).toBe("最近 24 小时");
  expect(reachedPlaces(under({ kind: "maintenance", cameras: ["a", "b"] }))).toBe("检修的 2 个探头");
  expect(reachedTimes(under({ since: null, until: null }), NOW)).toBe(null);
  expect([reachedPlaces(null), reachedTimes(null, NOW)]).toEqual([null, null]);
});

test("the axis ends where the purpose does, and nothing new comes into a span that is over", () => {
  const reached = reachedSpan(under({}), NOW);
  const drawn = axis(none, NOW, reached);
  expect(drawn.first).toBe(Date.parse("2026-11-19T16:00:00Z"));
  expect(drawn.first + drawn.slots * drawn.step).toBe(Date.parse("2026-11-22T16:00:00Z"));
  const wider = read(new URLSearchParams("since=2026-11-01&until=2026-11-24"));
  expect(axis(wider, NOW, reached)).toEqual(drawn);
  expect(isOpenEnded(none, NOW, reached)).toBe(false);
  expect(isOpenEnded(none, NOW)).toBe(true);
  const back = reachedSpan(under({ since: null, until: null, looks_back_hours: 24 }), NOW);
  expect(axis(none, NOW, back).first).toBe(NOW - DAY);
});
