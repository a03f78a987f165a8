import { describe, expect, it } from "vitest";
import type { CameraOnline } from "../src/api/upkeep";
import { bounds, cell, chosen, csv, down, type Line, sorted, written } from "../src/store/online";
import { percent } from "../src/views/health/bar";
import { wrong } from "../src/views/me/password";
import { agentName } from "../src/views/me/sessions";

const NOW = Date.parse("2026-11-23T12:00:00Z"); // 20:00 in the villages
const line = (change: Partial<Line>): Line => ({
  id: "a",
  place: "",
  name: "",
  rate: 1,
  offline_s: 0,
  outages: 0,
  longest_s: 0,
  ...change,
});

describe("the span", () => {
  it("stands in the address and comes back from it", () => {
    for (const text of ["span=24h", "span=month", "span=own&from=2026-11-01&to=2026-11-03"])
      expect(written(chosen(new URLSearchParams(text))).toString()).toBe(text);
    expect(chosen(new URLSearchParams("span=nonsense")).span).toBe("7d");
  });

  it("is counted in the villages' days", () => {
    const own = (from: string, to: string) => bounds({ span: "own", from, to }, NOW);
    expect(bounds({ span: "month", from: "", to: "" }, NOW)?.since.toISOString()).toBe("2026-10-31T16:00:00.000Z");
    expect(own("2026-11-20", "2026-11-20")).toEqual({
      since: new Date("2026-11-19T16:00:00Z"),
      until: new Date("2026-11-20T16:00:00Z"),
    });
    expect(own("2026-11-23", "2026-11-23")?.until).toBeNull(); // today: until now
    for (const [from, to] of [["2026-11-20", "2026-11-18"], ["2026-11-25", "2026-11-26"], ["2020-01-01", "2026-01-01"], ["", ""], ["x", "2026-11-20"]])
      expect(own(from!, to!)).toBeNull();
  });
});

describe("lines", () => {
  it("are sorted with what has no rate last", () => {
    const lines = [line({ id: "n", rate: null }), line({ id: "b", rate: 0.5 }), line({ id: "a", rate: 0.1 })];
    expect(sorted(lines, "rate", false).map((one) => one.id)).toEqual(["a", "b", "n"]);
    expect(sorted(lines, "rate", true).map((one) => one.id)).toEqual(["b", "a", "n"]);
  });

  it("of what is down begin with what is down longest, and end with pictures", () => {
    const camera = (camera_id: string, down_since: string | null, picture: CameraOnline["picture"] = null): CameraOnline =>
      ({ camera_id, down_since, picture, picture_since: picture ? "2026-11-01" : null }) as CameraOnline;
    const those = [camera("ok", null), camera("late", "2026-11-20"), camera("dark", null, "black"), camera("early", "2026-11-02")];
    expect(down(those).map((one) => one.camera_id)).toEqual(["early", "late", "dark"]);
  });
});

describe("numbers and names", () => {
  it("never round a rate up to what it is not", () => {
    expect([1, 0.9999, 0.5, 0.0004, 0].map(percent)).toEqual(["100.0%", "99.9%", "50.0%", "0.0%", "0.0%"]);
  });

  it("go into a file that a spreadsheet does not run", () => {
    expect(cell('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"');
    expect(["@a", "+1", "-1", "\tx"].map((one) => cell(one)[0])).toEqual(["'", "'", "'", "'"]);
    expect(cell(-1)).toBe("-1");
    expect(csv([["村", 0.5], ["a,b", ""]])).toBe('\ufeff村,0.5\r\n"a,b",\r\n');
  });

  it("of browsers are those people know", () => {
    const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
    expect(agentName(windows)).toBe("Chrome 140 · Windows");
    expect(agentName(`${windows} Edg/139.0`)).toBe("Edge 139 · Windows");
    expect(agentName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1")).toBe("Safari 18 · iPhone");
    expect(agentName("curl/8.5")).toBe("curl/8.5");
    expect(agentName("")).toBe("未知程序");
  });
});

describe("a new password", () => {
  it("is looked at before the hub is asked", () => {
    expect(wrong({ old: "x", next: "short", again: "short" })?.next).toBeTruthy();
    expect(wrong({ old: "same same", next: "same same", again: "same same" })?.next).toBeTruthy();
    expect(wrong({ old: "x", next: "long enough", again: "long enougH" })?.again).toBeTruthy();
    expect(wrong({ old: "x", next: "密码密码密码密码", again: "密码密码密码密码" })).toBeNull();
  });
});
