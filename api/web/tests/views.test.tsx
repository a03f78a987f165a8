import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../src/app";
import * as store from "../src/store/cameras";
import { ended, heard, phase, session } from "../src/store/session";
import { language } from "../src/store/settings";
import { byVillage, tone } from "../src/store/cameras";
import { Card } from "../src/views/events/card";
import { go } from "../src/store/route";
import { type Answer, aCamera, anEvent, type Asked, aSession, serve, settled, Socket } from "./hub";

let root: HTMLElement;
let answers: Record<string, Answer>;
let asked: Asked[];

beforeEach(() => {
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("IntersectionObserver", class { observe() {} disconnect() {} });
  root = document.createElement("div");
  document.body.append(root);
  answers = {
    "GET /places": { body: { places: [] } },
    "GET /cameras": { body: { cameras: [aCamera()] } },
    "GET /health": { status: 503, body: { code: "unavailable" } },
    "GET /events": { body: { events: [], next_cursor: null, since: "2026-10-24T00:00:00Z", until: "2026-11-24T00:00:00Z", left_out: [] } },
    "GET /events/histogram": { body: { buckets: [] } },
    "GET /cases": { body: { cases: [] } },
    "GET /purposes": { body: { purposes: [] } },
  };
  asked = serve((one) => answers[`${one.method} ${one.path}`] ?? { status: 404, body: { code: "not_found" } });
  session.value = null;
  phase.value = "out";
  ended.value = null;
  go("#/events", true);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  language.value = "zh";
  vi.unstubAllGlobals();
});

/** Effects run where an `act` ends; what they ask for is answered within the next. */
async function calm(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await act(settled);
}

/** A view is fetched when it is first looked at, however long that takes. */
async function fetched(what: string): Promise<void> {
  const there = async (): Promise<void> => {
    await calm();
    expect(root.querySelector(what)).not.toBeNull();
  };
  await vi.waitFor(there, { timeout: 30_000 });
}

async function show(): Promise<void> {
  act(() => render(<App />, root));
  await calm();
}

async function enter(change = {}): Promise<void> {
  session.value = aSession(change);
  phase.value = "in";
  await show();
}

async function press(text: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent?.includes(text));
  if (!button) throw new Error(`no button ${text} in: ${document.body.textContent}`);
  act(() => button.click());
  await calm();
}

function type(name: string, value: string): void {
  const input = root.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
  input.value = value;
  act(() => void input.dispatchEvent(new Event("input", { bubbles: true })));
}

async function submit(): Promise<void> {
  act(() => void root.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  await calm();
}

describe("sign-in", () => {
  it("says in words that the password is wrong, in the language chosen", async () => {
    answers["POST /session"] = { status: 401, body: { code: "sign_in", title: "Unauthorized" } };
    await show();
    type("name", "li");
    type("password", "x");
    await submit();
    expect(root.querySelector("[role=alert]")?.textContent).toBe("用户名或密码不对。");
    act(() => {
      language.value = "en";
    });
    expect(root.querySelector("[role=alert]")?.textContent).toBe("Wrong user name or password.");
  });

  it("counts down a throttle and waits", async () => {
    answers["POST /session"] = { status: 429, body: { code: "too_many", title: "", params: { retry_after_s: 30 } } };
    await show();
    await submit();
    expect(root.querySelector("[role=alert]")?.textContent).toContain("30 秒");
    expect(root.querySelector<HTMLButtonElement>("button[type=submit]")?.disabled).toBe(true);
  });

  it("leads in, and tells a session's end apart from a sign-out", async () => {
    answers["POST /session"] = { body: aSession() };
    ended.value = "session";
    await show();
    expect(root.textContent).toContain("登录已失效");
    await submit();
    expect(root.querySelector("nav")?.textContent).toContain("事件");
  });
});

describe("purpose", () => {
  it("comes first: without one no event is asked for", async () => {
    await enter({ purpose: null });
    expect(root.textContent).toContain("以什么事由查看？");
    expect(asked.some((one) => one.path.startsWith("/events"))).toBe(false);
  });

  it("is offered by what the role may open", async () => {
    await enter({ purpose: null, permissions: ["see_events", "open_patrol"] });
    expect(root.textContent).toContain("开始视频巡查");
    expect(root.textContent).not.toContain("新建案件");
  });

  it("still open from before is gone on with", async () => {
    const before = { ...aSession().purpose!, id: "p0", reason: "早班巡查" };
    answers["GET /purposes"] = { body: { purposes: [before] } };
    answers["PUT /session/purpose"] = { body: aSession() };
    await enter({ purpose: null });
    await press("早班巡查");
    expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ purpose_id: "p0" });
    expect(asked.some((one) => one.method === "POST")).toBe(false);
    expect(session.value?.purpose?.id).toBe("p0");
  });

  it("opened under a case, shows in the header and lets events through", async () => {
    answers["GET /cases"] = { body: { cases: [{ id: "k1", number: "A-7", title: "丢羊", places: ["220882100200"], starts_at: null, ends_at: null, state: "open", member: true }] } };
    answers["POST /purposes"] = { status: 201, body: { ...aSession().purpose, kind: "case", case_id: "k1", case_number: "A-7" } };
    answers["PUT /session/purpose"] = { body: aSession() };
    await enter({ purpose: null });
    await press("丢羊");
    expect(asked.find((one) => one.method === "POST")?.body).toEqual({ kind: "case", reason: "", case_id: "k1" });
    expect(root.querySelector(".purpose-chip")?.textContent).toContain("A-7");
    expect(asked.some((one) => one.path === "/events")).toBe(true);
  });

  it("that says too little of why is told of until another is looked under, and never to who signs in next", async () => {
    await enter();
    act(() => heard("minors_reason"));
    expect(root.textContent).toContain("须先写明具体事由");
    const under = session.value!.purpose!;
    act(() => void (session.value = aSession({ purpose: { ...under, id: "p2" } })));
    expect(root.textContent).not.toContain("须先写明具体事由");
    act(() => heard("minors_reason"));
    act(() => void (session.value = null));
    act(() => void (session.value = aSession()));
    expect(root.textContent).not.toContain("须先写明具体事由");
  });
});

describe("events", () => {
  it("draw the box over the picture in its own pixels", async () => {
    act(() => render(<Card event={anEvent()} link="#" language="zh" picked={false} pick={() => undefined} />, root));
    const img = root.querySelector("img")!;
    Object.defineProperties(img, { naturalWidth: { value: 800 }, naturalHeight: { value: 600 } });
    act(() => void img.dispatchEvent(new Event("load")));
    const box = root.querySelector("rect.box")!;
    expect(["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)))).toEqual([200, 300, 200, 300]);
    expect(root.querySelector("svg.marks")?.getAttribute("viewBox")).toBe("0 0 800 600");
  });

  it("ask once more under the session when a ticket has run out, then say so", () => {
    act(() => render(<Card event={anEvent({ id: "e1" })} link="#" language="zh" picked={false} pick={() => undefined} />, root));
    act(() => void root.querySelector("img")!.dispatchEvent(new Event("error")));
    expect(root.querySelector("img")?.getAttribute("src")).toBe("/api/v1/events/e1/snapshot");
    act(() => void root.querySelector("img")!.dispatchEvent(new Event("error")));
    expect(root.textContent).toContain("图片无法读取");
  });

  it("take names as text, never as markup", async () => {
    const name = `<img src=x onerror="alert(1)">`;
    answers["GET /events"] = { body: { events: [anEvent({ camera_name: name, label: name, rule_name: name })], next_cursor: null, since: "2026-10-24T00:00:00Z", until: "2026-11-24T00:00:00Z", left_out: [] } };
    await enter();
    expect(root.querySelector(".card-where")?.textContent).toContain(name);
    expect(root.querySelectorAll(".card img")).toHaveLength(1);
  });

  it("say so when there are none, and how to widen", async () => {
    go("#/events?group=animal", true);
    await enter();
    expect(root.textContent).toContain("没有符合筛选条件的事件");
    await press("清除筛选");
    expect(location.hash).toBe("#/events");
  });

  it("say under a whole list how much of what was searched was watched", async () => {
    const told = { since: "2026-11-23T00:00:00Z", until: "2026-11-24T00:00:00Z", cameras: 3, asked_s: 259_200, unwatched_s: 60, unwatched_cameras: 1 };
    const lost = [{ camera_id: "c", name: "村东口", village_name: "汉书村", unwatched_s: 60 }];
    answers["GET /events/watched"] = { body: { ...told, unwatched: lost } };
    await enter();
    expect(root.querySelector(".watched")?.textContent).toContain("3 个探头，有分析 99.9%。其中 1 个");
    expect(root.querySelector(".watched li")?.textContent).toBe("村东口 汉书村 1 分钟 未分析");
    for (const [change, said] of [
      [{ unwatched_s: 0, unwatched_cameras: 0 }, "3 个探头全程有分析"],
      [{ cameras: 5000, asked_s: null, unwatched_s: null, unwatched_cameras: null }, "5000 个探头，探头太多"],
      [{ cameras: 0, asked_s: 0, unwatched_s: 0, unwatched_cameras: 0 }, "没有探头"],
    ] as const) {
      answers["GET /events/watched"] = { body: { ...told, ...change, unwatched: [] } };
      act(() => go(`#/events?q=${said.length}`, true));
      act(() => render(null, root));
      await show();
      expect(root.querySelector(".watched")?.textContent).toContain(said);
    }
  });

  it("say what failed and try again", async () => {
    answers["GET /events"] = { status: 503, body: { code: "unavailable", title: "" } };
    await enter();
    expect(root.querySelector("[role=alert]")?.textContent).toContain("暂时不可用");
    answers["GET /events"] = { body: { events: [anEvent()], next_cursor: null, since: "2026-10-24T00:00:00Z", until: "2026-11-24T00:00:00Z", left_out: [] } };
    await press("重试");
    expect(root.querySelectorAll(".card")).toHaveLength(1);
  });

  it("are no tab for a role that may not see them", async () => {
    await enter({ permissions: ["see_cameras", "watch_health"] });
    expect(root.querySelector("nav")?.textContent).not.toContain("事件");
    await fetched(".camera-list");
    expect(asked.some((one) => one.path.startsWith("/events"))).toBe(false);
  });
});

describe("cameras", () => {
  it("tell the reason in words and what to do", async () => {
    answers["GET /cameras"] = {
      body: { cameras: [aCamera({ status: { ...aCamera().status, state: "backing_off", reason: "rejected" } })] },
    };
    go("#/cameras", true);
    await enter();
    await fetched(".camera-why");
    expect(root.querySelector(".camera-why")?.textContent).toContain("用户名或密码不对");
    expect(root.querySelector(".camera-why")?.textContent).toContain("核对并更新设备密码");
  });

  it("keep the object of what did not change, so that its row is not drawn again", () => {
    const before = [aCamera(), aCamera({ id: "c2" })];
    const after = store.reuse(before, [aCamera(), aCamera({ id: "c2", name: "西口", revision: 2 })]);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it("stand by village with what is live", () => {
    const villages = byVillage([
      aCamera({ village_code: "220882100201" }),
      aCamera(),
      aCamera({ status: { ...aCamera().status, state: "stopped" } }),
    ]);
    expect(villages.map((one) => [one.code.slice(-1), one.live, one.cameras.length])).toEqual([
      ["0", 1, 2],
      ["1", 1, 1],
    ]);
    expect([tone("live", null), tone("stopped", "no_consent"), tone("stopped", "unsupported")]).toEqual(["ok", "idle", "bad"]);
  });
});
