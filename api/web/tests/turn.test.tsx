import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Sending } from "../src/give/hub";
import type { Waiting } from "../src/give/newfile";
import { Turn } from "../src/give/turn";
import { type Answer, type Asked, serve, settled } from "./hub";

let root: HTMLElement;
let answer: (asked: Asked) => Answer;
const SENDING = { giving: { request: { state: "open" }, uploads: [], most_files: 12 }, offsets: {}, most_bytes: 1000, piece_bytes: 4, contact: "" } as unknown as Sending;
const BEGUN: Answer = { body: { id: "u", offset: 0 } };

const file = (name: string): Waiting => ({ file: new File(["12345678"], name), words: { giver: "", contact: "", device: "", note: "", unaltered: false }, photo: null });
const press = (name: string): void => void act(() => [...root.querySelectorAll("button")].find((one) => one.textContent === name)!.click());

/** Files are read in tasks of their own, and what is shown then begins where an `act` ends. */
async function later(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await act(async () => void (await new Promise((done) => setTimeout(done, 5))));
}

beforeEach(() => {
  root = document.createElement("div");
  serve((asked) => answer(asked));
});

afterEach(() => {
  act(() => render(null, root));
  vi.unstubAllGlobals();
});

it("those behind a file that cannot be read go on without it", async () => {
  const [first, second] = [file("a.mp4"), file("b.mp4")];
  first.file.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("moved")) }) as unknown as Blob;
  const [over, fail] = [vi.fn(), vi.fn()];
  answer = ({ method }) => (method === "POST" ? BEGUN : { body: SENDING });
  act(() => render(<Turn now={SENDING} waiting={[first, second]} over={over} fail={fail} />, root));
  expect(root.textContent).toContain("正在上传");
  await later();
  expect(fail.mock.calls.map(([err]) => err.code)).toEqual(["file_gone"]);
  press("跳过这个文件");
  await later();
  expect(over.mock.calls).toEqual([[SENDING]]);
});

it("a file that was paused while the hub proved it is over once", async () => {
  const over = vi.fn();
  const finished: ((answer: Response) => void)[] = [];
  answer = ({ method }) => (method === "PATCH" ? { body: { id: "u", offset: 8 } } : BEGUN);
  const plain = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => (url.endsWith("/finish") ? new Promise((done) => finished.push(done)) : plain(url, init)));
  act(() => render(<Turn now={{ ...SENDING, piece_bytes: 8 }} waiting={[file("a.mp4"), file("b.mp4")]} over={over} fail={() => {}} />, root));
  await later();
  expect(finished).toHaveLength(1);
  press("暂停");
  press("继续上传");
  await later();
  expect(finished).toHaveLength(2);
  for (const one of finished) one(new Response(JSON.stringify(SENDING)));
  await act(settled);
  expect(over).toHaveBeenCalledOnce();
});
