import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Case } from "../src/api/types";
import { CandidateStrip } from "../src/views/case/track/strip";
import { language } from "../src/store/settings";
import { type Answer, type Asked, serve } from "./hub";

const HEAD = 28;
const SHEET = "POST /events/pictures";

let root: HTMLElement;
let asked: Asked[];
let sheet: Answer;

/** A sheet of pictures that are ASCII: an answer here is text. */
const pictures = (count: number): Answer => ({
  text: Array.from({ length: count }, () => `${"\0".repeat(HEAD - 1)}\x01p`).join(""),
});

const passer = (n: number) => ({
  thing: `event:e${n}`, event_id: `e${n}`, noisy: false, at: "2026-11-23T12:00:00Z", stay_s: 4, label: "person", group: "person",
  direction: null, way: null, decision: "open", revision: 0, decided_by: "", decided_at: null, snapshot_url: `/api/v1/events/e${n}/snapshot?ticket=t`,
});

const strip = {
  camera_id: "c1", camera_name: "东口", since: "2026-11-23T00:00:00Z", until: "2026-11-24T00:00:00Z", total: 2, hidden: {}, cut: false,
  moved: 0, motion_more: 0, unwatched_s: 0, unwatched: [], candidates: [passer(1), passer(2)], next_skip: null,
};

const after = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const sheets = (): number => asked.filter((one) => `${one.method} ${one.path}` === SHEET).length;
const thumbs = (): (string | null)[] => [...root.querySelectorAll(".track-thumb")].map((one) => one.querySelector("img")?.getAttribute("src") ?? null);

beforeEach(async () => {
  vi.useFakeTimers();
  let made = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${(made += 1)}`);
  Element.prototype.scrollIntoView ??= () => {};
  language.value = "en";
  root = document.createElement("div");
  document.body.append(root);
  sheet = { status: 503, body: { code: "hub_busy" } };
  asked = serve((one) => (`${one.method} ${one.path}` === SHEET ? sheet : { body: strip }));
  act(() => render(<CandidateStrip of={{ id: "k1" } as Case} camera="c1" groups={[]} setGroups={() => {}} way="foot" setWay={() => {}} decided={() => {}} />, root));
  for (let round = 0; round < 3; round += 1) await after(0);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  language.value = "zh";
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("tells that the hub is busy, and asks it for no picture of the strip one by one", () => {
  expect(root.querySelector("[role=alert]")!.textContent).toContain("Many large questions are being answered");
  expect(thumbs()).toEqual([null, null]);
  expect(sheets()).toBe(1);
});

it("offers to ask again", async () => {
  sheet = pictures(2);
  act(() => root.querySelector<HTMLElement>("[role=alert] button")!.click());
  for (let round = 0; round < 3; round += 1) await after(0);
  expect(root.querySelector("[role=alert]")).toBeNull();
  expect(thumbs()).toEqual(["blob:1", "blob:2"]);
  await after(60_000);
  expect(sheets()).toBe(2);
});

it("asks again by itself, and no more once the pictures are there", async () => {
  await after(5_000);
  expect(sheets()).toBe(2);
  expect(root.querySelector("[role=alert]")).not.toBeNull();
  sheet = pictures(2);
  for (const ms of [5_000, 0, 0]) await after(ms);
  expect(root.querySelector("[role=alert]")).toBeNull();
  expect(thumbs()).toEqual(["blob:1", "blob:2"]);
  await after(60_000);
  expect(sheets()).toBe(3);
});

it("leaves to a look of its own the picture that alone did not come", async () => {
  sheet = pictures(1);
  for (const ms of [5_000, 0, 0]) await after(ms);
  expect(thumbs()).toEqual(["blob:1", passer(2).snapshot_url]);
});

it("lets go of what comes after the strip was left", async () => {
  sheet = pictures(2);
  act(() => root.querySelector<HTMLElement>("[role=alert] button")!.click());
  act(() => render(null, root));
  for (let round = 0; round < 3; round += 1) await after(0);
  expect(sheets()).toBe(2);
  expect(URL.createObjectURL).not.toHaveBeenCalled();
});
