import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../src/api/client";
import type { Patrol, PatrolSummary } from "../src/api/patrols";
import { MarkQueue, type To, type Waiting } from "../src/store/markqueue";
import { queue, Shift, shift, walk } from "../src/store/patrol";
import { grouped, table } from "../src/store/patrolrates";
import { phase, session } from "../src/store/session";
import { ahead, begin, goOn, hold, left, moveTo, nextOpen } from "../src/store/tour";
import { uuid } from "../src/store/uuid";
import { moved } from "../src/views/patrol/moved";
import { timesOf, weekOf } from "../src/views/patrol/plans/times";
import { aSession, type Answer, type Asked, held, serve, settled } from "./hub";

const PERSON = { id: "u1", name: "sun", display_name: "孙值机", unit: "月亮泡派出所", active: true };

function aPatrol(change: Partial<Patrol> = {}): Patrol {
  const cameras = ["a", "b", "c"].map((id) => ({
    camera_id: id,
    name: id,
    village_code: "220882100200",
    village_name: "汉书村",
    state: "live" as const,
    reason: null,
    refused: null,
    marked: null,
    marked_at: null,
  }));
  return {
    id: uuid(),
    purpose_id: "p1",
    plan: null,
    user: PERSON,
    reason: "夜班",
    started_at: "2026-11-23T12:00:00Z",
    expires_at: "2026-11-24T00:00:00Z",
    ended_at: null,
    due: 3,
    done: 0,
    rate: 0,
    verdicts: {},
    handover: "",
    dwell_s: 20,
    cameras,
    handover_before: null,
    ...change,
  };
}

describe("the tour", () => {
  it("lets time run, stand still and run on, and gives each camera its whole stay", () => {
    let tour = begin(0, 1_000);
    expect(left(tour, 20_000, 6_000)).toBe(15_000);
    tour = hold(tour, 6_000);
    expect(left(tour, 20_000, 60_000)).toBe(15_000);
    tour = goOn(tour, 60_000);
    expect(left(tour, 20_000, 61_000)).toBe(14_000);
    expect(left(tour, 20_000, 999_000)).toBe(0);
    tour = moveTo(tour, 1, 70_000);
    expect(left(tour, 20_000, 70_000)).toBe(20_000);
    expect(moveTo(hold(tour, 71_000), 2, 72_000).since).toBeNull();
  });

  it("goes to what is not marked, round the end, until all is", () => {
    expect(nextOpen([true, false, true], 2)).toBe(1);
    expect(nextOpen([false, true, true], 0)).toBe(0);
    expect(nextOpen([true, true, true], 1)).toBeNull();
    expect(ahead([false, true, false, false], 2, 3)).toEqual([2, 3, 0]);
    expect(ahead([true, true], 0, 3)).toEqual([0]);
  });
});

describe("a shift", () => {
  let now: number;
  let asked: Asked[];
  let answer: (one: Asked) => Answer;

  beforeEach(() => {
    now = 0;
    sessionStorage.clear();
    answer = (one) => ({ status: 201, body: { ...(one.body as object), incident_id: null } });
    asked = serve((one) => answer(one));
    session.value = aSession({ user: { ...aSession().user, id: uuid() } });
    phase.value = "in";
  });

  afterEach(() => {
    queue.value?.close();
    vi.useRealTimers();
  });

  const made = (): Shift => new Shift(aPatrol(), () => now);

  it("moves on by itself when the stay is over, and not while it is held", () => {
    const one = made();
    now = 19_999;
    expect(one.tick()).toBe(false);
    one.hold("paused");
    now = 40_000;
    expect(one.tick()).toBe(false);
    one.hold("asking");
    one.release("paused");
    expect(one.tick()).toBe(false);
    one.release("asking");
    now = 40_001;
    expect(one.tick()).toBe(true);
    expect(one.tour.value.at).toBe(1);
    expect(one.left()).toBe(20_000);
  });

  it("counts a mark at once, sends it with its picture, and ends when all are marked", async () => {
    const one = made();
    for (const verdict of ["normal", "suspicious", "covered"] as const) {
      one.mark(verdict, "");
      one.onward();
    }
    expect(one.done.value).toBe(3);
    expect(one.holds.value.has("finished")).toBe(true);
    await settled();
    await settled();
    expect(asked.map((each) => (each.body as { verdict: string; snapshot: boolean }).verdict)).toEqual(["normal", "suspicious", "covered"]);
    expect(queue.value?.waiting.value).toEqual([]);
    expect(one.verdicts.value).toEqual(["normal", "suspicious", "covered"]);
  });

  it("shows a mark that reached the hub after its patrol was read", async () => {
    const one = made();
    one.mark("covered", "");
    await settled();
    await settled();
    expect(queue.value?.waiting.value).toEqual([]);
    expect(new Shift(one.patrol, () => now).verdicts.value).toEqual(["covered", null, null]);
  });

  it("is known on every view while one looks under its purpose, and not after", () => {
    const one = made();
    walk(one);
    expect(shift.value).toBe(one);
    session.value = { ...session.value!, purpose: null };
    expect(shift.value).toBeNull();
  });

  it("goes on after a reload where it was, paused as it was, with the marks that were not sent", async () => {
    answer = () => "down";
    const one = made();
    one.mark("fault", "");
    one.onward();
    one.hold("paused");
    await settled();
    const again = new Shift(one.patrol, () => now);
    expect(again.tour.value).toEqual({ at: 1, spent: 0, since: null });
    expect(again.done.value).toBe(1);
    expect(JSON.parse(sessionStorage.getItem("draft/li/patrol-marks") ?? "[]")).toHaveLength(1);
  });
});

it("marks of the one before are not written into the next one's draft", async () => {
  const wait = held();
  const kept: unknown[] = [];
  const queue = new MarkQueue({ send: () => wait.answer.then(() => {}), settle: (err) => err as Problem, keep: (all) => kept.push(all), refused: () => {} });
  queue.add({ patrol: "p", camera: "c", what: { mark: { id: "m", camera_id: "c", verdict: "normal", note: "", snapshot: true } } });
  queue.close();
  wait.give({});
  await settled();
  expect(kept).toHaveLength(1);
});

describe("marks under way", () => {
  const one = (id: string): Waiting => ({ patrol: "p", camera: id, what: { mark: { id, camera_id: id, verdict: "normal", note: "", snapshot: true } } });
  let kept: readonly Waiting[];
  let refused: string[];
  let sent: string[];
  let fails: Problem | null;
  let to: To;

  beforeEach(() => {
    vi.useFakeTimers();
    [kept, refused, sent, fails] = [[], [], [], null];
    to = {
      send: (waiting) => {
        if (fails) return Promise.reject(fails);
        sent.push(waiting.camera);
        return Promise.resolve();
      },
      settle: (err) => err as Problem,
      keep: (waiting) => {
        kept = waiting;
      },
      refused: (problem, of) => refused.push(`${of.camera} ${problem.code}`),
    };
  });
  afterEach(() => void vi.useRealTimers());

  it("wait while the line is away, are kept, and go in their order once it is back", async () => {
    fails = new Problem(0, "offline", "");
    const queued = new MarkQueue(to);
    queued.add(one("a"));
    queued.add(one("b"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(queued.stuck.value?.code).toBe("offline");
    expect(kept.map((each) => each.camera)).toEqual(["a", "b"]);
    fails = null;
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(["a", "b"]);
    expect([kept, queued.stuck.value]).toEqual([[], null]);
    queued.close();
  });

  it("are dropped and told when the hub refuses them for good, and hold up none behind", async () => {
    fails = new Problem(409, "mark_not_live", "");
    const queued = new MarkQueue(to, [one("a")]);
    await vi.advanceTimersByTimeAsync(0);
    fails = null;
    queued.add(one("b"));
    await vi.advanceTimersByTimeAsync(0);
    expect(refused).toEqual(["a mark_not_live"]);
    expect(sent).toEqual(["b"]);
    queued.close();
  });

  it("wait for a new sign-in without asking meanwhile", async () => {
    fails = new Problem(401, "not_signed_in", "");
    const queued = new MarkQueue(to, [one("a")]);
    await vi.advanceTimersByTimeAsync(0);
    fails = null;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sent).toEqual([]);
    queued.now();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(["a"]);
    queued.close();
  });
});

describe("a plan", () => {
  it("tells the hours of a week as few times, over midnight too", () => {
    const night = [{ days: [1, 5], from_minute: 22 * 60, to_minute: 5 * 60 }];
    expect(timesOf(weekOf(night)!)).toEqual(night);
    const sunday = [{ days: [7], from_minute: 23 * 60, to_minute: 60 }];
    expect(timesOf(weekOf(sunday)!)).toEqual(sunday);
    const always = [{ days: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 0 }];
    expect(timesOf(weekOf(always)!)).toEqual(always);
    expect(timesOf(weekOf([])!)).toEqual([]);
    expect(weekOf([{ days: [1], from_minute: 30, to_minute: 90 }])).toBeNull();
  });

  it("keeps every camera when one is moved", () => {
    expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(moved(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"]);
  });
});

describe("rates", () => {
  const walked = (change: Partial<PatrolSummary>): PatrolSummary => ({ ...aPatrol(), ...change });

  it("are gathered by the villages' week, and by person with the least first", () => {
    const list = [
      walked({ started_at: "2026-11-22T15:59:00Z", due: 10, done: 5 }),
      walked({ started_at: "2026-11-22T16:01:00Z", due: 10, done: 10, user: { ...PERSON, id: "u2", name: "wang" } }),
    ];
    expect(grouped(list, "week").map((row) => [row.key, row.done, row.due])).toEqual([
      ["2026-11-16", 5, 10],
      ["2026-11-23", 10, 10],
    ]);
    expect(grouped(list, "person").map((row) => row.key)).toEqual(["u1", "u2"]);
  });

  it("leave as a table in which no name is a formula", () => {
    expect(table([walked({ reason: "=1+1" })])).toContain("'=1+1");
  });
});
