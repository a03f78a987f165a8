import { describe, expect, it } from "vitest";
import { clock, minute, parseClock, parseLocal, stamp } from "../src/i18n/time";

describe("local time", () => {
  it("is the villages', on 24 hours, whatever the browser's zone", () => {
    expect(stamp("2026-11-23T16:05:09.999Z")).toBe("2026-11-24 00:05:09");
    expect(minute("2026-01-01T00:00:00Z")).toBe("2026-01-01 08:00");
    expect(clock("2026-11-23T16:00:00Z")).toBe("00:00");
  });

  it("comes back from what was written", () => {
    for (const at of ["2026-11-23T16:05:00.000Z", "2024-02-28T16:00:00.000Z", "1999-12-31T15:59:00.000Z"])
      expect(parseLocal(minute(at))?.toISOString()).toBe(at);
    expect(parseLocal("2026-11-23")?.toISOString()).toBe("2026-11-22T16:00:00.000Z");
  });

  it("refuses what is no time", () => {
    for (const text of ["", "gestern", "2026-02-30", "2026-13-01", "2026-11-23 24:00", "2026-11-23 10:60", "23:00"])
      expect(parseLocal(text), text).toBeNull();
  });

  it("reads clocks as people type them", () => {
    expect(parseClock(" 4:30 ")).toBe("04:30");
    expect(parseClock("22：00")).toBe("22:00");
    for (const text of ["24:00", "4:3", "12:60", "x"]) expect(parseClock(text), text).toBeNull();
  });
});
