import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HubEvent } from "../src/api/types";
import { say, saidOf, toggled } from "../src/store/marks";
import * as selection from "../src/store/selection";
import { phase, session } from "../src/store/session";
import { type Chosen, find, grow, hasCamera, toggleCamera, togglePlace } from "../src/store/tree";
import { undoLast } from "../src/ui/toast";
import { type Answer, aCamera, anEvent, type Asked, aSession, held, serve, settled } from "./hub";

afterEach(() => vi.unstubAllGlobals());

const NONE: Chosen = { place: [], camera: [] };
const VILLAGES = { "220882100200": "汉书村", "220882100201": "先进村", "220882101200": "永富村" };
const CAMERAS = Object.entries(VILLAGES).flatMap(([village_code, village_name]) =>
  [1, 2].map((n) => aCamera({ id: `${village_code.slice(-4)}-${n}`, name: `${n} 号`, village_code, village_name })),
);
const TREE = grow(CAMERAS, (code) => (code.startsWith("220882100") ? "月亮泡镇" : "安广镇"));
const camera = (id: string) => CAMERAS.find((one) => one.id === id)!;

describe("places and cameras", () => {
  it("are found by every word, wherever it stands", () => {
    expect(find(TREE, "先进 2", 9).cameras.map((one) => one.id)).toEqual(["0201-2"]);
    expect(find(TREE, "月亮泡", 1)).toMatchObject({ villages: [{ name: "汉书村" }, { name: "先进村" }], more: 3 });
    expect(find(TREE, "没有", 9)).toEqual({ villages: [], cameras: [], more: 0 });
  });

  it("taken one out of a chosen place, the others of it stay", () => {
    const place = togglePlace(TREE, NONE, "220882100");
    expect(place).toEqual({ place: ["220882100"], camera: [] });
    expect(hasCamera(place, camera("0201-1"))).toBe(true);
    const fewer = toggleCamera(TREE, place, camera("0201-1"));
    expect(fewer).toEqual({ place: [], camera: ["0200-1", "0200-2", "0201-2"] });
    expect(toggleCamera(TREE, fewer, camera("1200-1")).camera).toHaveLength(4);
    expect(togglePlace(TREE, fewer, "220882101200").camera).toHaveLength(5);
  });

  it("a village taken out of a chosen township leaves its neighbours", () => {
    expect(togglePlace(TREE, { place: ["220882100"], camera: [] }, "220882100200")).toEqual({ place: ["220882100201"], camera: [] });
    expect(togglePlace(TREE, { place: ["220882100200"], camera: [] }, "220882100")).toEqual({ place: ["220882100"], camera: [] });
    expect(togglePlace(TREE, { place: ["220882100"], camera: [] }, "220882100")).toEqual(NONE);
  });

  it("more cameras than the hub takes at once are not sent as if they were all", () => {
    const many = grow(Array.from({ length: 150 }, (_, n) => aCamera({ id: `m${n}` })), () => "镇");
    const all = togglePlace(many, NONE, "220882100200");
    expect(toggleCamera(many, all, aCamera({ id: "m7" })).camera).toEqual(["m7"]);
  });
});

describe("marks", () => {
  let asked: Asked[];
  let answer: Answer;
  let shown: Map<string, HubEvent>;
  const put = (event: HubEvent): void => void shown.set(event.id, event);

  beforeEach(() => {
    session.value = aSession();
    phase.value = "in";
    shown = new Map();
    asked = serve((one) => (typeof answer === "object" && answer.status ? answer : { body: { ...anEvent(), mark: one.body && { ...one.body, marked_by: "li", marked_at: "2026-11-23T12:00:00Z" } } }));
    answer = {};
  });

  it("stand at once, go to the hub, and can be taken back", async () => {
    const event = anEvent({ id: "e1" });
    const done = say([event], toggled([event], "useful"), put);
    expect(saidOf(shown.get("e1")!)).toEqual({ verdict: "useful", note: "" });
    expect(await done).toBe(true);
    expect(asked.map((one) => [one.method, one.path, one.body])).toEqual([["PUT", "/events/e1/mark", { verdict: "useful", note: "" }]]);
    expect(undoLast()).toBe(true);
    await settled();
    expect(asked.at(-1)!.body).toEqual({ verdict: null, note: "" });
    expect(undoLast()).toBe(false);
  });

  it("said twice go to the hub one after the other, and the last one stands", async () => {
    const wait = held();
    const said = (verdict: string): Answer => ({ body: { ...anEvent(), mark: { verdict, note: "", marked_by: "li", marked_at: "" } } });
    asked = serve((one) => ((one.body as { verdict: string }).verdict === "useful" ? wait.answer : said("false")));
    const event = anEvent({ id: "e3" });
    const first = say([event], () => ({ verdict: "useful", note: "" }), put);
    const second = say([shown.get("e3")!], () => ({ verdict: "false", note: "" }), put);
    await settled();
    expect(asked).toHaveLength(1);
    wait.give(said("useful"));
    await settled();
    expect(shown.get("e3")!.mark?.verdict).toBe("false");
    await Promise.all([first, second]);
    expect(asked.map((one) => (one.body as { verdict: string }).verdict)).toEqual(["useful", "false"]);
    expect(shown.get("e3")!.mark?.verdict).toBe("false");
  });

  it("not kept by the hub are shown no longer", async () => {
    answer = { status: 503, body: { code: "unavailable" } };
    const event = anEvent({ id: "e2" });
    expect(await say([event], toggled([event], "false"), put)).toBe(false);
    expect(shown.get("e2")!.mark).toBeNull();
  });

  it("said again are taken away; of several, all get it first", () => {
    const mark = { verdict: "false" as const, note: "n", marked_by: "li", marked_at: "" };
    const [marked, plain] = [anEvent({ mark }), anEvent()];
    expect(toggled([marked], "false")(marked)).toEqual({ verdict: null, note: "n" });
    expect(toggled([marked, plain], "false")(marked)).toEqual({ verdict: "false", note: "n" });
  });

  it("end the session where the hub says that it ended", async () => {
    answer = { status: 401, body: { code: "not_signed_in" } };
    expect(await say([anEvent()], () => ({ verdict: "useful", note: "" }), put)).toBe(false);
    expect(session.value).toBeNull();
  });
});

describe("the selection", () => {
  const ids = Array.from({ length: 120 }, (_, n) => `s${n}`);
  beforeEach(() => selection.clear());

  it("takes one, a range, and lets go", () => {
    selection.pick("s3", ids, false);
    selection.pick("s6", ids, true);
    expect([...selection.picked.value]).toEqual(["s3", "s4", "s5", "s6"]);
    selection.pick("s4", ids, false);
    expect(selection.picked.value.has("s4")).toBe(false);
  });

  it("is bounded by what the hub takes at once", () => {
    selection.pick("s0", ids, false);
    expect(selection.pick("s119", ids, true)).toBe(false);
    expect(selection.picked.value.size).toBe(1);
  });
});
