import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Opened } from "../src/api/canvass";
import { Play } from "../src/views/case/canvass/play";
import { Triage } from "../src/views/case/canvass/triage";
import { serve, settled } from "./hub";

let root: HTMLElement;
let sought: number[];

beforeEach(() => {
  sought = [];
  vi.spyOn(HTMLMediaElement.prototype, "currentTime", "set").mockImplementation((to) => void sought.push(to));
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const opened = (ticket: string): Opened => ({ upload: { id: "u", begins_at: null, verdict: "video" } as Opened["upload"], pictures: [], clock_photo: null, video: `/video?ticket=${ticket}` });

/** Opens the clip, or opens it anew with another ticket. */
const open = (ticket: string, again = (): void => {}): void =>
  void act(() => render(<Play of={{ id: "c" }} opened={opened(ticket)} from={90_000} again={again} />, root));

function looked(seconds: number): void {
  vi.spyOn(HTMLMediaElement.prototype, "currentTime", "get").mockReturnValue(seconds);
  act(() => void root.querySelector("video")!.dispatchEvent(new Event("timeupdate")));
}

it("a clip whose clock was written down meanwhile goes on where one was", () => {
  open("1");
  looked(310);
  open("2");
  expect(sought).toEqual([90, 310]);
});

it("a clip that gives no more says so, and goes on where one was with another ticket", () => {
  const again = vi.fn();
  open("1", again);
  looked(310);
  act(() => void root.querySelector("video")!.dispatchEvent(new Event("error")));
  expect(root.querySelector("video")).toBeNull();
  expect(root.textContent).toContain("录像放不下去了");
  act(() => root.querySelector<HTMLElement>(".notice button")!.click());
  expect(again).toHaveBeenCalledOnce();
  open("2");
  expect(sought).toEqual([90, 310]);
  expect(root.querySelector("video")!.getAttribute("src")).toBe("/video?ticket=2");
});

it("what was marked in a clip is read again once its clock is written down: it is of another moment", async () => {
  const from = "2026-11-20T10:00:00Z";
  const upload = { ...opened("1").upload, state: "accepted", examined: null, from, to: from, clock_method: "unknown", giver_note: "", given_name: "" };
  const made = serve(({ path }) => ({ body: path.endsWith("/bookmarks") ? { bookmarks: [] } : { ...opened("1"), upload } }));
  act(() => render(<Triage of={{ id: "c" }} id="u" from={0} onClose={() => {}} />, root));
  await act(settled);
  await act(async () => {
    root.querySelector(".upload-clock")!.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await settled();
  });
  await act(settled);
  expect(made.map((one) => `${one.method} ${one.path}`).slice(1).sort()).toEqual([
    "GET /cases/c/bookmarks",
    "POST /cases/c/uploads/u/look",
    "PUT /cases/c/uploads/u/clock",
  ]);
});
