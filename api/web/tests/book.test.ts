import { afterEach, describe, expect, it, vi } from "vitest";
import type { Plan } from "../src/api/book";
import { apply, current, forget, notApplied, send } from "../src/store/book";
import { quoted } from "../src/views/cameras/book/rows";

const PLAN: Plan = {
  id: "p1", file: "a.xlsx", kind: "xlsx", sheet: "", rows: 1, add: 1, change: 0, unchanged: 0, bad: 0,
  devices_add: 1, devices_change: 0, faults: {}, unknown_columns: [], expires_at: "2026-11-23T13:00:00Z", applied: null,
};
const DONE = { added: 1, changed: 0, unchanged: 0, skipped: 0 };

/** Answers one after the other; an Error is a line that breaks. */
function hub(...answers: (Response | Error)[]): void {
  vi.stubGlobal("fetch", async () => {
    const next = answers.shift();
    if (next instanceof Error || next === undefined) throw next ?? new Error("asked too often");
    return next;
  });
}
const lines = (...told: unknown[]): Response => new Response(told.map((one) => `${JSON.stringify(one)}\n`).join(""));
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

afterEach(() => {
  forget();
  vi.unstubAllGlobals();
});

describe("a book on its way", () => {
  it("is judged, then written", async () => {
    hub(lines({ step: { phase: "checking", done: 0, total: 1 } }, { plan: PLAN }), lines({ applied: DONE }));
    await send(new File(["x"], "a.xlsx"));
    expect(current.value).toEqual({ at: "planned", plan: PLAN });
    await apply(PLAN, false);
    expect(current.value).toEqual({ at: "applied", plan: PLAN, applied: DONE });
  });

  it("that is refused says why, also in the middle of an answer", async () => {
    hub(json({ code: "book_kind", params: { found: "PNG" } }, 422));
    await send(new File(["x"], "a.xlsx"));
    expect(current.value).toMatchObject({ at: "refused", problem: { code: "book_kind" } });
    hub(lines({ step: { phase: "checking", done: 0, total: 1 } }, { problem: { status: 503, code: "database_away" } }));
    await send(new File(["x"], "a.xlsx"));
    expect(current.value).toMatchObject({ at: "refused", problem: { code: "database_away" } });
  });

  it("whose answer is lost is asked after, and its plan stays where nothing was written", async () => {
    const gone = new TypeError("network");
    hub(gone, json({ plan: { ...PLAN, applied: DONE }, total: 0, bad: [], rows: [] }));
    await apply(PLAN, false);
    expect(current.value).toEqual({ at: "applied", plan: PLAN, applied: DONE });
    hub(gone, json({ plan: PLAN, total: 0, bad: [], rows: [] }));
    await apply(PLAN, false);
    expect(current.value).toEqual({ at: "planned", plan: PLAN });
    expect(notApplied.value?.code).toBe("offline");
  });
});

describe("the list of bad cells", () => {
  it.each([
    ["plain", "plain"],
    ['a "b", c', '"a ""b"", c"'],
    ["=cmd|'/c'!A1", "'=cmd|'/c'!A1"],
    ["+86 139", "'+86 139"],
    ["-12.5", "-12.5"],
    ["'=1", "''=1"],
  ])("writes %s so that no spreadsheet computes it", (text, written) => expect(quoted(text)).toBe(written));
});
