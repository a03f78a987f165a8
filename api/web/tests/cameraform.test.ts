import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../src/api/client";
import { readLines } from "../src/api/register";
import { bodyOf, changeOf, complaints, EMPTY, formOf, merge, numberOf, pairOf, placeOf, refused } from "../src/store/cameraform";
import { hostOf, matches, narrow, readWanted, stateRows, treeRows, writeWanted } from "../src/store/camerarows";
import { consentBody, consentComplaints, EMPTY_CONSENT, hourOf } from "../src/store/consentform";
import { toGcj, toWgs } from "../src/store/datum";
import { readDraft, writeDraft } from "../src/store/drafts";
import { channelOf, complaintsOf, hostOfUrl, NEW, password, save, takeUrl, typedUrl, withoutSecrets } from "../src/store/newdevice";
import { ended, phase, session } from "../src/store/session";
import { range, sums } from "../src/ui/windowed";
import { numbers } from "../src/views/cameras/add/channels";
import { stretches } from "../src/views/cameras/one/timeline";
import { aCamera, aSession, serve } from "./hub";

describe("a position", () => {
  it("told in a shifted datum lands where it is", () => {
    const at = { lat: 45.507, lon: 124.292 };
    const gcj = toGcj(at);
    // The published example: some 550 m off here.
    expect(Math.hypot((gcj.lat - at.lat) * 111_200, (gcj.lon - at.lon) * 77_900)).toBeGreaterThan(500);
    const back = toWgs(gcj, "gcj02");
    expect(back.lat).toBeCloseTo(at.lat, 6);
    expect(back.lon).toBeCloseTo(at.lon, 6);
    expect(toWgs(at, "wgs84")).toBe(at);
    expect(toWgs({ lat: 48.8, lon: 2.3 }, "gcj02")).toEqual({ lat: 48.8, lon: 2.3 });
    expect(Math.abs(toWgs(at, "bd09").lat - at.lat)).toBeGreaterThan(0.003);
  });

  it("is read as people type it", () => {
    expect(numberOf(" ４５．５° ")).toBe(45.5);
    expect([numberOf("45,5"), numberOf("NaN"), numberOf("1e3")]).toEqual([null, null, null]);
    expect(pairOf("45.507, 124.292")).toEqual(["45.507", "124.292"]);
    expect(placeOf({ ...EMPTY, lat: "95", lon: "12" })).toBeNull();
  });
});

describe("a camera's form", () => {
  const base = formOf(aCamera({ lat: 45.5, lon: 124.2 }));

  it("complains at the field it is about", () => {
    expect(complaints(base)).toEqual({});
    expect(complaints({ ...base, name: "长".repeat(65), lat: "124.2", lon: "45.5" })).toEqual({ name: "string_too_long", lat: "swapped" });
    expect(complaints({ ...base, lon: "", bearing_deg: "360", view_angle_deg: "x", gb_id: "123" })).toEqual({
      lon: "position",
      bearing_deg: "bearing",
      view_angle_deg: "float_parsing",
      gb_id: "gb_digits",
    });
    expect(Object.keys(complaints({ ...EMPTY, kind: "civilian" }))).toEqual(["name", "village_code", "owner_name", "owner_contact"]);
    expect(refused([{ path: "body.lat", code: "swapped", hint: "" }])).toEqual({ lat: "swapped" });
  });

  it("says only what differs, and a place whole with its datum", () => {
    expect(changeOf({ ...base, name: " 东口 " }, base)).toEqual({});
    expect(changeOf({ ...base, lat: "45.6", datum: "gcj02" }, base)).toEqual({ lat: 45.6, lon: 124.2, datum: "gcj02" });
    expect(changeOf({ ...base, lat: "", lon: "" }, base)).toEqual({ lat: null, lon: null });
    expect(bodyOf({ ...base, kind: "wifi_probe", probe_mac: "14:6b:9c:00:1a:2f" })).not.toHaveProperty("sub_url");
  });

  it("is put together with what somebody else saved", () => {
    const mine = { ...base, name: "我的", pole: "P1", lat: "45.7" };
    const theirs = { ...base, name: "别人的", note: "新", pole: "P1", lon: "124.9" };
    const { form, clashes } = merge(mine, base, theirs);
    expect(clashes).toEqual(["name"]);
    expect(form).toMatchObject({ name: "我的", note: "新", pole: "P1", lat: "45.7", lon: "124.2" });
  });
});

describe("a consent", () => {
  const form = { ...EMPTY_CONSENT, owner_name: "李", text_version: "1" };

  it("is told in minutes and moments", () => {
    expect(consentComplaints(form)).toEqual({});
    const told = consentBody({ ...form, from_hour: "18:00", to_hour: "6:00", valid_to: "2099-01-01" });
    expect(told).toMatchObject({ from_minute: 1080, to_minute: 360, valid_to: "2098-12-31T16:00:00.000Z" });
    expect(hourOf(1080)).toBe("18:00");
    expect(told).not.toHaveProperty("masks");
    const masks: [number, number][][] = [[[0, 0], [0.5, 0], [0.5, 0.5]]];
    expect(consentBody({ ...form, masks })).toMatchObject({ masks });
  });

  it("is refused without uses, with half its hours, or over already", () => {
    expect(consentComplaints({ ...form, scopes: [], from_hour: "18:00", valid_to: "2020-01-01" })).toEqual({
      scopes: "missing",
      to_hour: "hours",
      valid_to: "interval",
    });
  });
});

describe("the rows of the list", () => {
  const list = [
    aCamera({ id: "1", name: "东口 10", hamlet: "北屯" }),
    aCamera({ id: "2", name: "东口 9", hamlet: "北屯", gb_id: "22088210011310000042" }),
    aCamera({ id: "3", name: "西口", pole: "HS-7", status: { ...aCamera().status, state: "backing_off", reason: "unreachable" } }),
    aCamera({ id: "4", name: "桥头", village_code: "220882101200", village_name: "永富村" }),
  ];

  it("are a tree by township, village and hamlet", () => {
    const rows = treeRows(list, new Map(), () => true);
    expect(rows.map((one) => (one.sort === "camera" ? one.camera.name : "name" in one ? one.name : one.id))).toEqual([
      "220882100", "汉书村", "西口", "北屯", "东口 9", "东口 10", "220882101", "永富村", "桥头",
    ]);
    expect(rows[0]).toMatchObject({ all: 3, live: 2, bad: 1 });
    expect(treeRows(list, new Map(), () => false)).toHaveLength(2);
  });

  it("by state begin with what needs somebody", () => {
    expect(stateRows(list, () => false).map((one) => one.id)).toEqual(["backing_off/unreachable", "live"]);
  });

  it("tell a picture that shows nothing as a fault, but none of a camera that is down", () => {
    const dark = aCamera({ id: "5", status: { ...list[0]!.status, state: "live", reason: null, picture: "black" } });
    const off = aCamera({ id: "6", status: { ...dark.status, state: "backing_off", reason: "unreachable" } });
    expect(stateRows([...list, dark, off], () => false).map((one) => one.id)).toEqual(["backing_off/unreachable", "live/black", "live"]);
    expect(treeRows([dark], new Map(), () => false)[0]).toMatchObject({ all: 1, live: 1, bad: 1 });
  });

  it("are found by name, pole, host and the end of a code", () => {
    const found = (text: string): string[] => narrow(list, { by: "tree", text, kind: null, state: null }).map((one) => one.id);
    expect([found("hs-7"), found("0042"), found("192.0.2"), found("东口 9"), found("042")]).toEqual([["3"], ["2"], ["1", "2", "3", "4"], ["2"], []]);
    expect(hostOf(aCamera({ sub_url: "rtsp://[fd00::1]:554/1" }))).toBe("[fd00::1]");
    expect(matches(list[0]!, " ")).toBe(true);
  });

  it("stand in the address as asked for", () => {
    const query = new URLSearchParams("by=state&text=a+b&kind=social&state=live");
    expect(writeWanted(readWanted(query)).toString()).toBe(query.toString());
    expect(writeWanted(readWanted(new URLSearchParams("by=x&kind=y"))).toString()).toBe("");
  });

  it("in sight alone are drawn", () => {
    const ends = sums([1, 2, 3, 4, 5], () => 10);
    expect(range(ends, 15, 25)).toEqual([1, 3]);
    expect(range(ends, -100, 1000)).toEqual([0, 5]);
    expect(range([], 0, 100)).toEqual([0, 0]);
  });
});

describe("a device being added", () => {
  beforeEach(() => {
    session.value = aSession();
    phase.value = "in";
    password.value = "";
  });

  it("has no password in its draft, however it was pasted", () => {
    expect(withoutSecrets("rtsp://admin:p%40ss@10.0.0.5:554/1")).toEqual({ url: "rtsp://10.0.0.5:554/1", username: "admin", password: "p@ss" });
    expect(withoutSecrets("rtsp://admin:a@b@10.0.0.5/1").password).toBe("a@b");
    expect(withoutSecrets("rtsp://10.0.0.5/user=a&password=b&channel=1")).toEqual({
      url: "rtsp://10.0.0.5/user={username}&password={password}&channel=1",
      username: "a",
      password: "b",
    });
    typedUrl.value = "rtsp://u:secret@10.0.0.5/1";
    expect(takeUrl()).toEqual({ url: "rtsp://10.0.0.5/1", username: "u" });
    expect(password.value).toBe("secret");
    expect(takeUrl()).toEqual({});
  });

  it("knows its host and what is missing of each part", () => {
    expect(hostOfUrl("RTSP://u:p@Cam.Example:554/x")).toBe("cam.example");
    expect(complaintsOf(NEW, "box")).toEqual({ url: "missing" });
    expect(complaintsOf({ ...NEW, way: "template", channel: "0" }, "box")).toEqual({ host: "missing", vendor: "missing", channel: "channel" });
    expect(complaintsOf(NEW, "channels")).toEqual({ channels: "missing" });
    expect(numbers("2-4, 9，400", 16)).toEqual(["2", "3", "4", "9"]);
    const template = { vendor: "x", main: "/c{channel}/m", sub: "/c{channel}/s", port: 554, channels: 8, notes: [] };
    expect(channelOf(template, { ...NEW, host: "fd00::1", port: "8554" }, "3", "").sub_url).toBe("rtsp://[fd00::1]:8554/c3/s");
  });

  it("is saved once, also when the second camera fails and one tries again", async () => {
    const channel = (key: string) => ({ key, on: true, name: key, sub_url: "", main_url: "", gb_id: "" });
    let fail = true;
    const asked = serve(({ method, path, body }) => {
      if (path === "/gb-ids") return { body: { gb_id: "22088210001320000001" } };
      if (path === "/devices") return { body: { id: "d" } };
      if (method === "POST" && path === "/cameras" && (body as { name: string }).name === "b" && fail) return { status: 422, body: { code: "invalid" } };
      return { body: { id: `c-${(body as { name: string }).name}` } };
    });
    let draft = { ...NEW, url: "rtsp://10.0.0.5/1", channels: [channel("a"), channel("b")] };
    const keep = (made: typeof NEW.made): void => {
      draft = { ...draft, made };
    };
    await expect(save(draft, keep)).rejects.toThrow(Problem);
    fail = false;
    const made = await save(draft, keep);
    expect(made.cameras).toEqual({ a: "c-a", b: "c-b" });
    expect(asked.filter((one) => one.path === "/devices")).toHaveLength(1);
    expect(asked.filter((one) => one.path === "/cameras")).toHaveLength(3);
  });
});

describe("a draft", () => {
  it("outlives its writer's session, and is nobody else's", () => {
    session.value = aSession();
    phase.value = "in";
    writeDraft("x", { a: 1 });
    session.value = null;
    ended.value = "session";
    phase.value = "out";
    session.value = aSession();
    phase.value = "in";
    expect(readDraft("x")).toEqual({ a: 1 });
    session.value = aSession({ user: { ...aSession().user, name: "zhang" } });
    expect(readDraft("x")).toBeNull();
    session.value = aSession();
    expect(readDraft("x")).toBeNull();
  });

  it("goes when its writer signs out", () => {
    ended.value = null;
    session.value = aSession();
    phase.value = "in";
    writeDraft("x", 1);
    session.value = null;
    phase.value = "out";
    session.value = aSession();
    expect(readDraft("x")).toBeNull();
  });
});

describe("lines of an answer", () => {
  it("come one by one, and a problem among them ends it", async () => {
    const got: unknown[] = [];
    await readLines(new Response('{"a":1}\n\n{"b":"羊"}'), (one) => got.push(one));
    expect(got).toEqual([{ a: 1 }, { b: "羊" }]);
    const failing = new Response('{"a":1}\n{"problem":{"status":503,"code":"unavailable"}}\n');
    await expect(readLines(failing, () => undefined)).rejects.toMatchObject({ status: 503, code: "unavailable" });
  });
});

describe("a history", () => {
  it("is stretches of time, the newest until now", () => {
    const at = (minute: number): string => new Date(minute * 60_000).toISOString();
    const made = stretches(
      [
        { state: "live", reason: null, detail: "", since: at(10) },
        { state: "backing_off", reason: "unreachable", detail: "", since: at(4) },
      ],
      12 * 60_000,
    );
    expect(made.map((one) => [one.from / 60_000, one.to / 60_000, one.tone])).toEqual([
      [10, 12, "ok"],
      [4, 10, "bad"],
    ]);
  });
});
