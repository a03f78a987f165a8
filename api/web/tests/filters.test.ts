import { describe, expect, it } from "vitest";
import { axis, circle, count, day, isOpenEnded, lastNight, near, night, read, toQuery, write } from "../src/store/filters";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const of = (text: string) => read(new URLSearchParams(text));

describe("filters", () => {
  it("stand in the URL and come back", () => {
    const text =
      "place=220882100&place=220882101&camera=c1&camera=c2&group=animal&group=person&label=sheep&kind=object&rule=r&verdict=none" +
      "&near=45.5%2C124.1%2C800&score=0.5&last=24h&night=22%3A00-04%3A30&order=oldest";
    expect(write(of(text)).toString()).toBe(text);
    expect(count(of(text))).toBe(11);
    expect(count(of("order=oldest"))).toBe(0);
  });

  it("become the hub's query, with the window of the night apart", () => {
    const query = toQuery(of("night=22:00-4:30&score=0.5&group=person&group=animal&last=1h"), NOW);
    expect(query.get("night_from")).toBe("22:00");
    expect(query.get("night_to")).toBe("04:30");
    expect(query.get("min_score")).toBe("0.5");
    expect(query.getAll("group")).toEqual(["person", "animal"]);
    expect(query.get("since")).toBe("2026-11-23T11:00:00.000Z");
    expect(query.has("until")).toBe(false);
  });

  it("take local times as typed and leave out what is none", () => {
    const query = toQuery(of("since=2026-11-23+08:00&until=soon&night=25:00-01:00"), NOW);
    expect(query.get("since")).toBe("2026-11-23T00:00:00.000Z");
    expect([...query.keys()]).toEqual(["since"]);
  });

  it("name a circle in metres, and leave out what is none", () => {
    expect(circle("45.5,124.1,800")).toEqual({ lat: 45.5, lon: 124.1, radius_m: 800 });
    expect(near({ lat: 45.5, lon: 124.1, radius_m: 812.4 })).toBe("45.500000,124.100000,812");
    for (const none of ["", "45.5,124.1", "95,124,10", "45,190,10", "45,124,0", "45,124,60000", "a,b,c"]) expect(circle(none)).toBeNull();
    const query = toQuery(of("near=45.5,124.1,800&verdict=false&verdict=none"), NOW);
    expect([query.get("near"), query.get("radius_m"), query.getAll("verdict")]).toEqual(["45.5,124.1", "800", ["false", "none"]]);
    expect(toQuery(of("near=here"), NOW).has("near")).toBe(false);
  });

  it("know last night and yesterday by the villages' clock", () => {
    expect(lastNight(NOW)).toEqual({ since: "2026-11-22 22:00", until: "2026-11-23 04:30" });
    expect(lastNight(Date.parse("2026-11-22T20:00:00Z"))).toEqual({ since: "2026-11-21 22:00", until: "2026-11-22 04:30" });
    expect(day(NOW, 1)).toEqual({ since: "2026-11-22", until: "2026-11-23" });
    expect(day(NOW, 0)).toEqual({ since: "2026-11-23", until: "" });
  });

  it("know a window from no window", () => {
    expect(night("22:00-04:30")).toEqual(["22:00", "04:30"]);
    expect(night("22:00-22:00")).toBeNull();
    expect(night("22:00")).toBeNull();
  });

  it("tell whether new events can come", () => {
    expect(isOpenEnded(of(""), NOW)).toBe(true);
    expect(isOpenEnded(of("until=2026-11-01+00:00"), NOW)).toBe(false);
  });

  it("span the histogram over the whole range, from a full local hour or day", () => {
    const drawn = (text: string) => {
      const { first, step, slots } = axis(of(text), NOW);
      return [new Date(first).toISOString(), step / 3_600_000, slots];
    };
    expect(drawn("last=24h")).toEqual(["2026-11-22T12:00:00.000Z", 1, 24]);
    expect(drawn("")).toEqual(["2026-10-23T16:00:00.000Z", 24, 31]);
    expect(drawn("since=2026-11-23+08:30&until=2026-11-23+10:00")).toEqual(["2026-11-23T00:00:00.000Z", 1, 2]);
    expect(drawn("since=2026-11-25+08:00")[2]).toBe(1);
  });
});
