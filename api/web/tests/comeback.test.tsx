import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../src/api/client";
import { useAsked } from "../src/store/asked";
import { Failed, Stale, Unread } from "../src/ui/notice";

let root: HTMLElement;
let reads: number;
let answer: () => Promise<string>;

function Part() {
  const { value, problem, again } = useAsked(() => {
    reads += 1;
    return answer();
  });
  if (value === null) return <Unread problem={problem} retry={again} />;
  return (
    <>
      {problem && <Stale problem={problem} />}
      <b onClick={again}>{value}</b>
    </>
  );
}

const after = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("div");
  reads = 0;
});

afterEach(() => {
  act(() => render(null, root));
  vi.useRealTimers();
});

it("shows what was asked for once the hub answers again", async () => {
  answer = () => Promise.reject(new Problem(0, "offline", ""));
  act(() => render(<Part />, root));
  for (const ms of [0, 5_000, 0, 5_000, 0]) await after(ms);
  expect(reads).toBe(3);
  expect(root.querySelector("[role=alert]")).not.toBeNull();
  answer = () => Promise.resolve("there");
  for (const ms of [5_000, 0]) await after(ms);
  expect(root.textContent).toBe("there");
  await after(60_000);
  expect(reads).toBe(4);
});

it("is fresh again by itself after what was shown became stale", async () => {
  answer = () => Promise.resolve("old");
  act(() => render(<Part />, root));
  await after(0);
  answer = () => Promise.reject(new Problem(0, "offline", ""));
  act(() => root.querySelector("b")!.click());
  await after(0);
  expect(root.querySelector(".stale")).not.toBeNull();
  answer = () => Promise.resolve("new");
  act(() => void dispatchEvent(new Event("online")));
  for (const ms of [0, 0]) await after(ms);
  expect(root.textContent).toBe("new");
});

it("does not ask again for what was refused", async () => {
  answer = () => Promise.reject(new Problem(403, "forbidden", ""));
  act(() => render(<Part />, root));
  await after(60_000);
  expect(reads).toBe(1);
});

it("asks for what is wanted by then, not for what was when it failed", async () => {
  const asked: string[] = [];
  const problem = new Problem(0, "offline", "");
  const show = (wanted: string): void => void act(() => render(<Failed problem={problem} retry={() => asked.push(wanted)} />, root));
  show("the yard");
  await after(3_000);
  show("the gate");
  await after(2_000);
  expect(asked).toEqual(["the gate"]);
});
