import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { HubAlert } from "../src/api/alerts";
import { alerts, read } from "../src/store/alerts";
import { type Asked, useAsked } from "../src/store/asked";
import { purpose, session } from "../src/store/session";
import { aSession, held, serve, settled } from "./hub";

let root: HTMLElement;
let shown: Asked<string>;

function Part({ of, read }: { of: string; read: () => Promise<string> }) {
  shown = useAsked(read, [of]);
  return <b>{shown.value}</b>;
}

const show = async (of: string, read = (): Promise<string> => Promise.resolve(of)): Promise<void> => {
  act(() => render(<Part of={of} read={read} />, root));
  await act(settled);
};

/** Something that comes when the test lets it. */
function later(): { wait: () => Promise<string>; come: (text: string) => Promise<void> } {
  let come: (text: string) => void = () => {};
  const made = new Promise<string>((done) => (come = done));
  return {
    wait: () => made,
    come: async (text) => {
      come(text);
      await act(settled);
    },
  };
}

beforeEach(() => {
  root = document.createElement("div");
});

afterEach(() => {
  act(() => render(null, root));
  vi.unstubAllGlobals();
});

it("what is read on is put to what it goes on from", async () => {
  await show("a");
  const more = later();
  act(() => void shown.further(more.wait));
  expect(shown.busy).toBe(true);
  await more.come("ab");
  expect([shown.value, shown.busy]).toEqual(["ab", false]);
});

it("what is read on comes too late once something else is asked", async () => {
  await show("a");
  const more = later();
  act(() => void shown.further(more.wait));
  await show("b");
  await more.come("ab");
  expect(root.textContent).toBe("b");
});

it("nothing is read on from what was asked before", async () => {
  await show("a");
  const next = later();
  await show("b", next.wait);
  const more = vi.fn(() => Promise.resolve("ab"));
  await act(() => shown.further(more));
  expect(more).not.toHaveBeenCalled();
  await next.come("b");
  expect(root.textContent).toBe("b");
});

it("is busy while something is done once", async () => {
  await show("a");
  const work = later();
  act(() => void shown.once(work.wait));
  expect(shown.busy).toBe(true);
  await work.come("");
  expect(shown.busy).toBe(false);
});

const alert = (id: string): HubAlert => ({ id }) as HubAlert;
const ids = (): string[] | undefined => alerts.value?.map((one) => one.id);

it("an alert told while the list is read stays in it", async () => {
  session.value = aSession();
  const list = held();
  serve(() => list.answer);
  const done = read();
  alerts.value = [alert("new")];
  list.give({ body: { alerts: [alert("old")] } });
  await done;
  expect(ids()).toEqual(["new", "old"]);
});

it("alerts read under the purpose before are not shown under the next", async () => {
  session.value = aSession();
  alerts.value = null;
  const list = held();
  serve(() => list.answer);
  const done = read();
  session.value = aSession({ purpose: { ...purpose.value!, id: "p2" } });
  list.give({ body: { alerts: [alert("old")] } });
  await done;
  expect(alerts.value).toBeNull();
});
