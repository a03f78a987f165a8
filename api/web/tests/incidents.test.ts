import { describe, expect, it } from "vitest";
import type { Incident } from "../src/api/incidents";
import { hear, type Known, merge } from "../src/store/incidents";

const one = (id: string, revision: number, state: Incident["state"] = "open"): Incident => ({
  id,
  revision,
  state,
  camera_id: "c1",
  camera_name: "东口",
  camera_removed: false,
  village_code: "220882100200",
  village_name: "汉书村",
  mark_id: null,
  event_id: null,
  happened_at: "2026-11-23T12:00:00Z",
  title: "可疑人员",
  note: "",
  assigned: null,
  result: "",
  case_id: null,
  case_number: null,
  opened_by: "sun",
  opened_at: "2026-11-23T12:00:00Z",
  changed_at: "2026-11-23T12:00:00Z",
  closed_at: null,
  steps: [],
  picture_url: "",
});

const known = (...list: Incident[]): Known => new Map(list.map((each) => [each.id, each]));
const told = (map: Known): string[] => [...map.values()].map((each) => `${each.id}${each.revision}${each.state}`).sort();

describe("incidents", () => {
  it("take a newer word and never an older one", () => {
    const before = known(one("a", 2));
    expect(hear(before, one("a", 1))).toBe(before);
    expect(hear(before, one("a", 2, "closed"))).toBe(before);
    expect(told(hear(before, one("a", 3, "closed")))).toEqual(["a3closed"]);
    expect(told(hear(before, one("b", 1)))).toEqual(["a2open", "b1open"]);
  });

  it("of a list replace what was known, and drop what it lacks", () => {
    const before = known(one("a", 1), one("gone", 4));
    expect(told(merge(before, before, [one("a", 2, "assigned"), one("b", 1)]))).toEqual(["a2assigned", "b1open"]);
  });

  it("that the feed told while the list was on its way stay as the feed had them", () => {
    const asked = known(one("a", 1));
    const now = hear(hear(asked, one("a", 3, "closed")), one("new", 1));
    expect(told(merge(now, asked, [one("a", 2, "assigned")]))).toEqual(["a3closed", "new1open"]);
  });
});
