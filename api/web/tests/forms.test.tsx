import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Entry } from "../src/api/canvass";
import type { Report } from "../src/api/cases";
import type { Case } from "../src/api/types";
import { PointField } from "../src/ui/map/fields";
import { Told } from "../src/views/case/canvass/told";
import { Amend } from "../src/views/case/report/amend";
import { serve, settled } from "./hub";

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.unstubAllGlobals();
});

async function submit(form: string): Promise<void> {
  await act(async () => {
    root.querySelector(form)!.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await settled();
  });
}

function type(field: HTMLInputElement, text: string): void {
  act(() => {
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
}

it("a point that is typed on the map of a form is set, and the form is not sent", async () => {
  const sent: string[] = [];
  act(() =>
    render(
      <form onSubmit={() => sent.push("report")}>
        <PointField draw="point" drawn={[]} onDrawn={([at]) => sent.push(String(at))} />
      </form>,
      root,
    ),
  );
  type(root.querySelector("input")!, "45.51, 124.12");
  await submit("form form");
  expect(sent).toEqual(["124.12,45.51"]);
});

const CASE = { id: "c", number: "A1", revision: 3, members: [] } as unknown as Case;
const REPORT = {
  item: "sheep",
  item_text: "",
  lat: 45.5,
  lon: 124.1,
  last_seen_at: "2026-11-20T10:00:00Z",
  found_at: "2026-11-20T22:00:00Z",
  certainty: "sure",
  manner: "stolen",
  note: "",
} as Report;

it("an amendment that somebody overtook has the case read again", async () => {
  serve(() => ({ status: 409, body: { code: "case_stale" } }));
  const done = vi.fn();
  act(() => render(<Amend of={CASE} told={REPORT} onClose={() => {}} done={done} />, root));
  await submit("form");
  expect(done).toHaveBeenCalledOnce();
});

it("a place on the list that nobody touched stays as exact as it is", async () => {
  const made = serve(() => ({ body: {} }));
  const entry = { id: "e", revision: 1, lat: 45.1234567, lon: 124.1234567, contact: "", note: "", has_camera: null, kept_days: null } as Entry;
  act(() => render(<Told of={CASE} one={entry} onClose={() => {}} done={() => {}} again={() => {}} />, root));
  await submit("form");
  expect(made[0]!.body).not.toHaveProperty("lat");
  type(root.querySelector<HTMLInputElement>("input[placeholder]")!, "45.5, 124.1");
  await submit("form");
  expect(made[1]!.body).toMatchObject({ lat: 45.5, lon: 124.1 });
});
