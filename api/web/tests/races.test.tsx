import { type ComponentChildren, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertRule } from "../src/api/alerts";
import type { Entry } from "../src/api/canvass";
import type { Case } from "../src/api/types";
import { take } from "../src/store/savedwalls";
import { phase, session } from "../src/store/session";
import { saved } from "../src/store/wall";
import { RuleForm } from "../src/views/alerts/ruleform";
import { Told } from "../src/views/case/canvass/told";
import { HandOver } from "../src/views/case/report/handover";
import { Report } from "../src/views/case/report";
import { CandidateStrip } from "../src/views/case/track/strip";
import { Search } from "../src/views/case/moment/search";
import { Wizard } from "../src/views/case/wizard";
import { Around } from "../src/views/case/track/hops";
import { ClueMapView } from "../src/views/case/track/cluemap";
import { CaseForm } from "../src/views/cases/form";
import { MarkBox } from "../src/views/events/markbox";
import { ImportDialog } from "../src/views/map/import";
import { HoldButton } from "../src/views/playback/hold";
import { type Answer, anEvent, type Asked, aSession, held, serve, settled } from "./hub";

let root: HTMLElement;

beforeEach(() => {
  session.value = aSession();
  phase.value = "in";
  sessionStorage.clear();
  Element.prototype.scrollIntoView ??= () => {};
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.unstubAllGlobals();
});

const show = async (what: ComponentChildren): Promise<void> => {
  act(() => render(what, root));
  await calm();
};

/** Effects run where an `act` ends; what they ask for is answered within the next. */
async function calm(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await act(settled);
}

async function submit(): Promise<void> {
  act(() => void root.querySelector("form")!.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true })));
  await calm();
}

function put(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, text: string): void {
  act(() => {
    field.value = text;
    field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  });
}

const button = (text: string): HTMLButtonElement => [...root.querySelectorAll("button")].find((one) => one.textContent?.includes(text))!;
const changes = (asked: Asked[]): string[] => asked.filter((one) => one.method !== "GET").map((one) => `${one.method} ${one.path}`);

const REPORT = { item: "sheep", item_text: "", lat: 45.5, lon: 124.1, last_seen_at: "2026-11-20T10:00:00Z", found_at: "2026-11-20T22:00:00Z", certainty: "sure", manner: "stolen", note: "", reported_by: "li", reported_at: "2026-11-20T23:00:00Z" };
const CASE = {
  id: "k1", number: "A1", title: "丢羊", revision: 3, members: [], places: ["220882100200"], offence: "livestock", offence_text: "", responsible: null, editable: true, state: "open",
  starts_at: "2026-11-20T10:00:00Z", ends_at: "2026-11-21T10:00:00Z", expires_at: "2027-11-21T10:00:00Z",
} as unknown as Case;

describe("a form that somebody overtook", () => {
  /** Refuses what is sent under the revision that was overtaken. */
  const hub = (code: string, now: number) =>
    serve((one): Answer => {
      if (one.method === "GET") return { body: { people: [], holds: [], targets: [], reported: { provisional: true, report: REPORT, earlier: [] }, handovers: [] } };
      return (one.body as { expected_revision: number }).expected_revision === now ? { body: { ...CASE, number: "B2" } } : { status: 409, body: { code } };
    });

  it("hands the case over once it was read again", async () => {
    const asked = hub("case_stale", 4);
    let of = CASE;
    const done = vi.fn(() => (of = { ...CASE, revision: 4 }));
    const closed = vi.fn();
    const form = () => <HandOver of={of} onClose={closed} done={done} />;
    await show(form());
    await submit();
    expect(closed).not.toHaveBeenCalled();
    await show(form());
    await submit();
    expect(changes(asked)).toHaveLength(2);
    expect(closed).toHaveBeenCalledOnce();
  });

  it("takes the case's own number once it was read again, and keeps what was typed", async () => {
    hub("case_stale", 4);
    let of = CASE;
    const again = vi.fn(() => (of = { ...CASE, revision: 4 }));
    const form = () => <Report of={of} again={again} />;
    await show(form());
    put(root.querySelector<HTMLInputElement>(".case-number input")!, "B2");
    await submit();
    expect(again).toHaveBeenCalledOnce();
    await show(form());
    expect(root.querySelector<HTMLInputElement>(".case-number input")!.value).toBe("B2");
    await submit();
    expect(again).toHaveBeenCalledTimes(2);
  });

  it("has the list of cases, the canvass and the rules read again, to be opened as they are", async () => {
    const again = vi.fn();
    hub("case_stale", 4);
    await show(<CaseForm of={CASE} done={() => {}} cancel={() => {}} overtaken={again} />);
    await submit();
    hub("canvass_stale", 4);
    await show(<Told of={CASE} one={{ id: "e", revision: 1, lat: null, contact: "", note: "", has_camera: null, kept_days: null } as Entry} onClose={() => {}} done={() => {}} again={again} />);
    await submit();
    hub("alert_rule_stale", 4);
    const rule = { id: "r", revision: 1, name: "羊圈", reason: "夜里", enabled: true, quiet: null, page: true, sound: false, targets: [], watch: { place: [], camera: [], kind: [], group: [], label: [], min_score: 0, hours: null } };
    await show(<RuleForm rule={rule as unknown as AlertRule} done={() => {}} overtaken={again} />);
    await submit();
    expect(again).toHaveBeenCalledTimes(3);
  });
});

it("a report that is typed outlives a session that ends", async () => {
  serve(() => ({ body: { people: [] } }));
  await show(<Wizard />);
  const note = (): HTMLInputElement => root.querySelector<HTMLInputElement>(".wizard-more .field:last-child input")!;
  put(note(), "院墙上有脚印");
  await show(null);
  await show(<Wizard />);
  expect(note().value).toBe("院墙上有脚印");
});

it("a search that failed is asked again in its place: who stands on its button stays there", async () => {
  const wait = held();
  let searches = 0;
  serve((one): Answer | Promise<Answer> => {
    if (one.path.endsWith("/cameras")) return { body: { cameras: [{ camera_id: "c1", name: "东口", village_name: "汉书村" }] } };
    if (one.path !== "/motion/search") return { status: 404, body: { code: "not_found" } };
    searches += 1;
    return searches === 1 ? { status: 503, body: { code: "hub_busy" } } : wait.answer;
  });
  await show(<Search of={CASE} again={() => {}} />);
  await submit();
  const again = root.querySelector<HTMLButtonElement>("[role=alert] button")!;
  again.focus();
  act(() => again.click());
  await calm();
  expect(searches).toBe(2);
  expect(document.activeElement).toBe(again);
  wait.give({ body: { hits: [], cameras: [], total: 0 } });
  await calm();
  expect(root.querySelector("[role=alert]")).toBeNull();
});

it("a double press holds footage once", async () => {
  const wait = held();
  const asked = serve((one) => (one.method === "GET" ? { body: { cases: [{ ...CASE, state: "open" }] } } : wait.answer));
  await show(<HoldButton cameras={[{ id: "c1", name: "东口", village_name: "汉书村" }]} from={0} to={1000} done={() => {}} />);
  act(() => button("").click());
  await calm();
  put(root.querySelector("select")!, "k1");
  put([...root.querySelectorAll("input")].at(-1)!, "要看");
  const send = root.querySelector<HTMLButtonElement>("button[type=submit]")!;
  act(() => send.click());
  act(() => send.click());
  wait.give({ body: {} });
  await calm();
  expect(changes(asked)).toHaveLength(1);
});

it("what is typed of an event while its note is on its way stays", async () => {
  const wait = held();
  serve(() => wait.answer);
  const event = anEvent();
  await show(<MarkBox event={event} put={() => {}} />);
  const box = root.querySelector("textarea")!;
  put(box, "白色面包车");
  act(() => void box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true })));
  put(box, "白色面包车，两个人");
  wait.give({ body: { ...event, mark: { verdict: null, note: "白色面包车", marked_by: "li", marked_at: "" } } });
  await calm();
  expect(box.value).toBe("白色面包车，两个人");
});

it("a wall that comes late does not take the place of the one that is wanted by then", async () => {
  const wait = held();
  serve(() => wait.answer);
  saved.value = null;
  const stop = new AbortController();
  const done = take("w1", stop.signal);
  stop.abort();
  wait.give({ body: { walls: [{ id: "w1", name: "a", body: { layout: "4", tiles: [], rotation: null, activity: null } }] } });
  await done;
  expect(saved.value).toBeNull();
});

const passer = (n: number) => ({
  thing: `motion:${n}`, event_id: null, noisy: false, at: "2026-11-23T12:00:00Z", stay_s: 4, label: "", group: "unknown",
  direction: null, way: null, decision: "open", revision: 0, decided_by: "", decided_at: null, snapshot_url: null,
});
const strip = (ns: number[], next_skip: number | null) => ({
  camera_id: "c1", camera_name: "东口", since: "2026-11-23T00:00:00Z", until: "2026-11-24T00:00:00Z", total: 4, hidden: {}, cut: false,
  moved: 0, motion_more: 0, unwatched_s: 0, unwatched: [], candidates: ns.map(passer), next_skip,
});
const SHARED = { of: CASE, groups: [] as never[], setGroups: () => {}, way: "foot" as const, setWay: () => {} };
const press = (key: string): void => void act(() => void document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
const chosen = (): number => [...root.querySelectorAll(".track-thumb")].findIndex((one) => one.getAttribute("aria-selected") === "true");

describe("the strip of passers", () => {
  it("takes quick keys for one passer after the other, and stays where one went", async () => {
    const wait = held();
    const asked = serve((one) => (one.path.includes("/decisions") ? wait.answer : { body: one.path.includes("/stills") ? {} : strip([1, 2, 3, 4], null) }));
    await show(<CandidateStrip {...SHARED} camera="c1" decided={() => {}} />);
    press("k");
    press("d");
    act(() => root.querySelectorAll<HTMLElement>(".track-thumb")[0]!.click());
    press("k");
    act(() => root.querySelectorAll<HTMLElement>(".track-thumb")[3]!.click());
    wait.give({ body: { revision: 1, decided_by: "li", decided_at: "2026-11-23T12:00:00Z" } });
    await calm();
    const said = asked.filter((one) => one.method === "PUT" || one.method === "POST").filter((one) => one.path.includes("decision"));
    expect(said.map((one) => (one.body as { decision: string }).decision)).toEqual(["keep", "drop"]);
    expect(chosen()).toBe(3);
  });

  it("keeps what was decided while a further page is read", async () => {
    const wait = held();
    serve((one) => {
      if (one.path.includes("decision")) return { body: { revision: 1, decided_by: "li", decided_at: "2026-11-23T12:00:00Z" } };
      if (one.path.includes("/stills")) return { body: {} };
      return one.query.get("skip") === "2" ? wait.answer : { body: strip([1, 2], 2) };
    });
    await show(<CandidateStrip {...SHARED} camera="c1" decided={() => {}} />);
    act(() => root.querySelector<HTMLElement>(".track-thumbs > .quiet")!.click());
    press("k");
    await calm();
    wait.give({ body: strip([3, 4], null) });
    await calm();
    expect([...root.querySelectorAll(".track-thumb")].map((one) => one.classList.contains("track-keep"))).toEqual([true, false, false, false]);
  });
});

const sighting = (no: number) => ({ no, thing: `motion:s${no}`, at: "2026-11-23T12:00:00Z", camera_name: `口${no}`, label: "", upload: null, lat: null, lon: null, note: "", said_by: "li" });
const clues = (digest = "") => ({ sightings: [sighting(1), sighting(2)], links: [], blocks: [], area: null, thing: "motion:s2", digest });

it("who looks from another sighting while a link is kept is left there", async () => {
  const wait = held();
  const hop = { camera_id: "c2", camera_name: "西口", entrances: [], verdict: "seen", how: "road", metres: 10, since: "2026-11-23T12:00:00Z", until: "2026-11-23T12:00:00Z", found: 1, passers: [passer(9)], by_chance: null, noisy_s: 0, unwatched_s: 0, dropped: 0, mute: false, next: false };
  const asked = serve((one): Answer | Promise<Answer> => {
    if (one.method !== "GET") return wait.answer;
    return { body: one.path.endsWith("/hops") ? { hops: [hop], sighting: sighting(2), backwards: false, more: 0, unreachable: 0, beyond: 0 } : clues() };
  });
  await show(<Around {...SHARED} />);
  const tie = root.querySelector<HTMLButtonElement>(".track-hop button")!;
  act(() => tie.click());
  act(() => tie.click());
  put(root.querySelector("select")!, "motion:s1");
  wait.give({ body: { revision: 1 } });
  await calm();
  expect(root.querySelector("select")!.value).toBe("motion:s1");
  expect(changes(asked)).toHaveLength(2);
});

it("of the maps that were kept none stands for another while that is read", async () => {
  const wait = held();
  const kept = (id: string) => ({ id, note: "", kept_by: "li", kept_at: "2026-11-23T12:00:00Z" });
  serve((one): Answer | Promise<Answer> => {
    if (one.path.endsWith("/cluemaps/m2")) return wait.answer;
    if (one.path.endsWith("/cluemaps/m1")) return { body: { kept: kept("m1"), map: clues("first") } };
    if (one.path.endsWith("/cluemaps")) return { body: { maps: [kept("m1"), kept("m2")] } };
    return { body: { ...clues("now"), areas: [], roads: [], entrances: [] } };
  });
  await show(<ClueMapView {...SHARED} of={{ ...CASE, places: [] }} />);
  const pick = (): HTMLSelectElement => [...root.querySelectorAll("select")].at(-1)!;
  put(pick(), "m1");
  await calm();
  expect(root.textContent).toContain("first");
  put(pick(), "m2");
  await calm();
  expect(root.textContent).not.toContain("first");
  wait.give({ body: { kept: kept("m2"), map: clues("second") } });
  await calm();
  expect(root.textContent).toContain("second");
});

it("what a file would change is told of the datum that is chosen", async () => {
  const wait = held();
  const told = (added: number) => ({ body: { added, changed: 0, refused: 0, same: 0, steps: [] } });
  serve((one) => (one.query.get("datum") === "wgs84" ? wait.answer.then(() => told(1)) : told(2)));
  await show(<ImportDialog code="220882100200" onClose={() => {}} done={() => {}} />);
  const file = root.querySelector<HTMLInputElement>("input[type=file]")!;
  Object.defineProperty(file, "files", { value: [new File(["{}"], "a.geojson")] });
  await act(async () => {
    file.dispatchEvent(new Event("change", { bubbles: true }));
    await new Promise((done) => setTimeout(done));
  });
  await calm();
  put(root.querySelector("select")!, "gcj02");
  await calm();
  wait.give({});
  await calm();
  expect(root.querySelector(".primary")!.textContent).toContain("2");
});
