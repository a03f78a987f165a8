import { describe, expect, it } from "vitest";
import type { Looked } from "../src/api/audit";
import { asked, bounds, everyDay, FILTERS, sorted, toQuery, written } from "../src/store/audit";

const NOW = Date.parse("2026-11-23T04:00:00Z");
const read = (text: string) => asked(new URLSearchParams(text), NOW);

describe("what of the register is shown", () => {
  it("is the last 30 days by itself, and says nothing of them in the address", () => {
    const what = read("");
    expect([what.from, what.to]).toEqual(["2026-10-25", "2026-11-23"]);
    expect(written(what, NOW).toString()).toBe("");
  });

  it("stands in the address and comes back from it", () => {
    const text = "from=2026-11-01&user=li&camera=x&sort=live&case=A-1&vain=1";
    expect(written(read(text), NOW).toString()).toBe(text);
    expect(read("sort=stare&user=%20li%20")).toMatchObject({ sort: "", user: "li" });
  });

  it("asks the hub with whole local days, and only what the part knows", () => {
    const what = read("from=2026-11-01&to=2026-11-02&user=li&vain=1");
    expect(bounds(what)).toEqual({ since: "2026-10-31T16:00:00.000Z", until: "2026-11-02T16:00:00.000Z" });
    expect(toQuery(what, FILTERS).get("vain")).toBe("true");
    expect([...toQuery(what, ["user"]).keys()]).toEqual(["since", "until", "user"]);
  });

  it("is nothing where the days make none", () => {
    for (const days of ["from=2026-11-02&to=2026-11-01", "from=2026-01-01&to=2026-11-01", "from=gestern"]) expect(bounds(read(days))).toBeNull();
  });

  it("has a bar for every day, also without rows", () => {
    const days = everyDay([{ start: "2026-10-31T16:00:00Z", rows: 3 }], read("from=2026-11-01&to=2026-11-03"));
    expect(days.map(({ day, of }) => [day, of?.rows ?? 0])).toEqual([["2026-11-01", 3], ["2026-11-02", 0], ["2026-11-03", 0]]);
  });
});

describe("looks", () => {
  const one = (user: string, live: number, seconds: number): Looked => ({
    user, unit: "", camera_id: user, camera_name: "", by_sort: live ? { live } : {}, live_seconds: seconds, vain: 0, cases: [],
    first_at: "", last_at: `2026-11-2${live}`,
  });
  const rows = [one("b", 1, 30), one("a", 3, 10), one("c", 0, 20)];

  it("are sorted by any column, either way", () => {
    const by = (...how: [Parameters<typeof sorted>[1], boolean]) => sorted(rows, ...how).map((row) => row.user).join("");
    expect([by("who", false), by("live", true), by("seconds", true), by("last", false)]).toEqual(["abc", "abc", "bca", "cba"]);
  });
});
