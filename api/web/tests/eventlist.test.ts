import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HubEvent } from "../src/api/types";
import { EventList, type Order } from "../src/store/eventlist";
import { ended, phase, purpose, session } from "../src/store/session";
import { type Answer, anEvent, type Asked, aSession, held, serve, settled, Socket } from "./hub";

let stored: HubEvent[];
let asked: Asked[];
let refuse: Answer | null;
let atTop: boolean;
let list: EventList;

function hub(one: Asked): Answer {
  if (refuse) return refuse;
  if (one.path === "/session") return { body: session.value };
  const from = Number(one.query.get("cursor") ?? 0);
  const order = one.query.get("order") === "newest" ? [...stored].reverse() : stored;
  const page = order.slice(from, from + 50);
  return { body: { events: page, next_cursor: from + 50 < order.length ? String(from + 50) : null, since: "", until: "", left_out: [] } };
}

function make(change: Partial<Order> = {}): EventList {
  return new EventList({ query: new URLSearchParams(), newestFirst: true, live: true, atTop: () => atTop, ...change });
}

const shown = (): string[] => list.events.value?.map((one) => one.id) ?? [];
const ids = (events: readonly HubEvent[]): string[] => events.map((one) => one.id);
const socket = (): Socket => Socket.made.at(-1)!;

beforeEach(() => {
  vi.stubGlobal("WebSocket", Socket);
  Socket.made = [];
  stored = Array.from({ length: 3 }, () => anEvent());
  refuse = null;
  atTop = true;
  asked = serve(hub);
  session.value = aSession();
  phase.value = "in";
  ended.value = null;
  list = make();
});

afterEach(() => {
  list.close();
  vi.unstubAllGlobals();
});

/** The list's next answer is as the hub has it now, and comes when the test gives it. */
function late(): () => Promise<void> {
  const wait = held();
  let first = true;
  asked = serve((one) => {
    if (!first || one.path === "/session") return hub(one);
    first = false;
    const now = hub(one);
    return wait.answer.then(() => now);
  });
  return async () => {
    wait.give({});
    await settled();
  };
}

describe("the list", () => {
  it("keeps what it is told while it is read anew", async () => {
    await list.begin();
    const come = late();
    void list.reload();
    const fresh = anEvent();
    list.event(fresh);
    list.event({ ...stored[0]!, revision: 2, score: 0.99 });
    list.put({ ...stored[1]!, mark: { verdict: "useful", note: "", marked_by: "li", marked_at: "2026-11-23T13:00:00Z" } });
    await come();
    expect(shown()).toEqual([fresh.id, ...ids([...stored].reverse())]);
    expect(list.events.value!.at(-1)!.score).toBe(0.99);
    expect(list.events.value!.at(-2)!.mark?.verdict).toBe("useful");
  });

  it("leaves no hole where a further page comes after the list began anew", async () => {
    stored = Array.from({ length: 170 }, () => anEvent());
    await list.begin();
    await list.more();
    const come = late();
    void list.more();
    await list.reload();
    await come();
    await list.more();
    expect(shown()).toEqual(ids([...stored].reverse()).slice(0, 100));
  });

  it("is what the last reading of it says, in whichever order the answers come", async () => {
    await list.begin();
    const come = late();
    void list.reload();
    stored = [...stored, anEvent()];
    await list.reload();
    await come();
    expect(shown()).toEqual(ids([...stored].reverse()));
  });

  it("slides new events in at the top, in the hub's order", async () => {
    await list.begin();
    const [late, early] = [anEvent({ started_at: "2026-11-23T13:00:05Z" }), anEvent({ started_at: "2026-11-23T13:00:01Z" })];
    list.event(late);
    list.event(early);
    expect(shown()).toEqual([late.id, early.id, ...ids([...stored].reverse())]);
  });

  it("moves nothing for one who reads further down, until asked", async () => {
    await list.begin();
    const before = shown();
    atTop = false;
    const fresh = anEvent();
    list.event(fresh);
    list.event({ ...fresh, revision: 2, score: 0.99 });
    expect(shown()).toEqual(before);
    expect(list.pending.value).toHaveLength(1);
    await list.showPending();
    expect(list.events.value?.[0]?.score).toBe(0.99);
    expect(list.pending.value).toHaveLength(0);
  });

  it("updates in place, and never backwards", async () => {
    await list.begin();
    const open = stored[1]!;
    list.event({ ...open, revision: 3, ended_at: "2026-11-23T13:00:00Z" });
    list.event({ ...open, revision: 2 });
    expect(shown()).toEqual(ids([...stored].reverse()));
    expect(list.events.value?.[1]?.ended_at).toBe("2026-11-23T13:00:00Z");
  });

  it("reads on by cursor without doubling what the stream brought", async () => {
    stored = Array.from({ length: 120 }, () => anEvent());
    await list.begin();
    list.event({ ...stored[10]!, revision: 9 });
    expect(shown()).toHaveLength(50);
    await list.more();
    await list.more();
    expect(shown()).toEqual(ids([...stored].reverse()));
    expect(list.cursor.value).toBeNull();
    expect(asked.at(-1)!.query.get("cursor")).toBe("100");
  });

  it("oldest first, puts a new event at the end of a whole list only", async () => {
    list = make({ newestFirst: false });
    await list.begin();
    const fresh = anEvent();
    list.event(fresh);
    expect(shown().at(-1)).toBe(fresh.id);
    expect(list.pending.value).toHaveLength(0);
  });

  it("opens no stream over a range that is past", async () => {
    list = make({ live: false });
    await list.begin();
    expect(Socket.made).toHaveLength(0);
    expect(list.link.value).toBeNull();
  });

  it("starts again from the first page rather than grow for ever", async () => {
    await list.begin();
    for (let i = 0; i < 401; i += 1) list.event(anEvent());
    await settled();
    expect(shown()).toEqual(ids([...stored].reverse()));
  });
});

describe("after a gap", () => {
  async function fall(): Promise<void> {
    await list.begin();
    socket().onopen?.();
    socket().onclose?.({ code: 1006 });
    dispatchEvent(new Event("online"));
  }

  it("says that it is offline, then catches up", async () => {
    await fall();
    expect(list.link.value).toBe("offline");
    const missed = anEvent();
    stored.push(missed);
    socket().onopen?.();
    await settled();
    expect(list.link.value).toBe("live");
    expect(shown()[0]).toBe(missed.id);
  });

  it("queues what was missed for one who reads further down", async () => {
    await fall();
    atTop = false;
    const missed = [anEvent(), anEvent()];
    stored.push(...missed);
    socket().onopen?.();
    await settled();
    expect(ids(list.pending.value)).toEqual(ids([...missed].reverse()));
    expect(list.stale.value).toBe(false);
  });

  it("asks for a reload where more was missed than a page holds", async () => {
    await fall();
    atTop = false;
    stored.push(...Array.from({ length: 60 }, () => anEvent()));
    socket().onopen?.();
    await settled();
    expect(list.stale.value).toBe(true);
    await list.showPending();
    expect(shown()).toHaveLength(50);
    expect(list.stale.value).toBe(false);
  });
});

describe("when the ground goes away", () => {
  it("goes back to the purpose when the hub closed it", async () => {
    refuse = { status: 403, body: { code: "purpose_closed", title: "Forbidden" } };
    await list.begin();
    expect(purpose.value).toBeNull();
    expect(ended.value).toBe("purpose");
    expect(phase.value).toBe("in");
    expect(Socket.made).toHaveLength(0);
  });

  it("goes back to the sign-in when the session ended under the stream", async () => {
    await list.begin();
    socket().onclose?.({ code: 4401 });
    expect(phase.value).toBe("out");
    expect(ended.value).toBe("session");
  });

  it("finds out why a handshake was refused", async () => {
    await list.begin();
    refuse = { status: 401, body: { code: "not_signed_in" } };
    socket().onclose?.({ code: 1006 });
    await settled();
    expect(phase.value).toBe("out");
  });

  it("keeps what is shown, and says that it is old, when a page fails", async () => {
    stored = Array.from({ length: 60 }, () => anEvent());
    await list.begin();
    refuse = "down";
    await list.more();
    expect(shown()).toHaveLength(50);
    expect(list.problem.value?.code).toBe("offline");
    refuse = null;
    await list.more();
    expect(shown()).toHaveLength(60);
    expect(list.problem.value).toBeNull();
  });
});
