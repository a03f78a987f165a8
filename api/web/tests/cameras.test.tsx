import { type ComponentChildren, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cameras } from "../src/store/cameras";
import { go } from "../src/store/route";
import { phase, session } from "../src/store/session";
import { fixed, layout, selected } from "../src/store/wall";
import { Dialog } from "../src/ui/dialog";
import { undoLast } from "../src/ui/toast";
import { Box } from "../src/views/cameras/one/box";
import { Edit } from "../src/views/cameras/one/edit";
import { OnePage } from "../src/views/cameras/one";
import { PlacementPart } from "../src/views/cameras/placement";
import { ScenePage } from "../src/views/cameras/scene";
import { Grid } from "../src/views/wall/grid";
import { type Answer, aCamera, type Asked, aSession, held, serve, settled } from "./hub";

let root: HTMLElement;

beforeEach(() => {
  session.value = aSession({ permissions: ["see_cameras", "register"], purpose: null });
  phase.value = "in";
  sessionStorage.clear();
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Effects run where an `act` ends; what they ask for is answered within the next. */
async function calm(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await act(settled);
}

const show = async (what: ComponentChildren): Promise<void> => {
  act(() => render(what, root));
  await calm();
};

function type(name: string, text: string): void {
  const field = input(name);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const input = (name: string): HTMLInputElement => root.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
const press = async (text: string): Promise<void> => {
  act(() => [...root.querySelectorAll("button")].find((one) => one.textContent?.includes(text))!.click());
  await calm();
};
const bodies = (asked: Asked[], method: string): unknown[] => asked.filter((one) => one.method === method).map((one) => one.body);

describe("a camera's form", () => {
  it("keeps what one begins to type while a newer camera is drawn", async () => {
    serve(() => ({ body: {} }));
    await show(<Edit camera={aCamera()} keep={() => {}} />);
    // Drawn, and before its effects: they come a frame later.
    render(<Edit camera={aCamera({ revision: 2, note: "杆子换了" })} keep={() => {}} />, root);
    type("name", "东口二");
    await calm();
    expect(input("name").value).toBe("东口二");
  });

  it("shows the newest camera where nobody typed", async () => {
    serve(() => ({ body: {} }));
    await show(<Edit camera={aCamera()} keep={() => {}} />);
    await show(<Edit camera={aCamera({ revision: 2, note: "杆子换了" })} keep={() => {}} />);
    expect(input("note").value).toBe("杆子换了");
  });

  it("is not set back by a reading that was under way when it was saved", async () => {
    vi.useFakeTimers();
    const late = held();
    let reads = 0;
    serve((one): Answer | Promise<Answer> => {
      if (one.method === "PATCH") return { body: aCamera({ revision: 2, name: "东口二" }) };
      if (one.path !== "/cameras/c1") return { body: {} };
      reads += 1;
      return reads === 2 ? late.answer : { body: aCamera() };
    });
    go("#/cameras/c1?tab=edit", true);
    await show(<OnePage />);
    await act(async () => void (await vi.advanceTimersByTimeAsync(5_000)));
    expect(reads).toBe(2);
    act(() => type("name", "东口二"));
    act(() => void root.querySelector("form")!.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true })));
    await calm();
    late.give({ body: aCamera() });
    await calm();
    expect(input("name").value).toBe("东口二");
    expect(root.querySelector("h1")!.textContent).toContain("东口二");
  });
});

const DEVICE = { id: "d1", revision: 1, name: "箱", type: "nvr", host: "192.0.2.10", vendor: "", model: "", username: "admin", has_password: true, onvif_port: null };

it("what one types of a box is put on what somebody else made of it, and saved then", async () => {
  let now = DEVICE;
  const asked = serve((one): Answer => {
    if (one.method !== "PATCH") return { body: now };
    if ((one.body as { expected_revision: number }).expected_revision === now.revision) return { body: { ...now, ...(one.body as object), revision: 3 } };
    return { status: 409, body: { code: "device_stale" } };
  });
  await show(<Box camera={aCamera()} keep={() => {}} />);
  now = { ...DEVICE, revision: 2, username: "hub" };
  act(() => type("host", "192.0.2.11"));
  await press("保存");
  expect(input("device-user").value).toBe("hub");
  await press("保存");
  expect(bodies(asked, "PATCH").at(-1)).toEqual({ host: "192.0.2.11", expected_revision: 2 });
});

const PLACEMENT = {
  camera_id: "c1", revision: 1, basis: "police", bases: ["police"], purpose: "公共安全", forbidden: ["toilet"], answers: {}, near_sensitive: false, agreement: "", near_minors: false,
  filing_no: "", filed_on: null, sign_text: "监控", lacks: [], filing: "none", overdue: false, due_at: null, grace_until: null, has_sign: false, sign_at: null, sign_by: "",
};

describe("what is known of a camera's place", () => {
  it("keeps what is typed when the sign's photo is sent", async () => {
    const asked = serve((one): Answer => ({ body: { ...PLACEMENT, revision: one.method === "GET" ? 1 : 2, has_sign: one.method !== "GET" } }));
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no picture")));
    await show(<PlacementPart camera="c1" kind="public" />);
    act(() => type("purpose", "看牛圈"));
    const file = root.querySelector<HTMLInputElement>("input[type=file]")!;
    Object.defineProperty(file, "files", { value: [new File(["x"], "sign.jpg", { type: "image/jpeg" })] });
    act(() => void file.dispatchEvent(new Event("change", { bubbles: true })));
    await calm();
    expect(input("purpose").value).toBe("看牛圈");
    await press("保存");
    expect(bodies(asked, "PATCH").at(-1)).toMatchObject({ purpose: "看牛圈", expected_revision: 2 });
  });

  it("is saved once it was read again, after somebody else saved it", async () => {
    let now = PLACEMENT;
    const asked = serve((one): Answer => {
      if (one.method === "GET") return { body: now };
      return (one.body as { expected_revision: number }).expected_revision === now.revision ? { body: { ...now, revision: 3 } } : { status: 409, body: { code: "placement_stale" } };
    });
    await show(<PlacementPart camera="c1" kind="public" />);
    act(() => type("purpose", "看牛圈"));
    now = { ...PLACEMENT, revision: 2, filing_no: "B-7" };
    await press("保存");
    expect([input("purpose").value, input("filing_no").value]).toEqual(["看牛圈", "B-7"]);
    await press("保存");
    expect(bodies(asked, "PATCH").at(-1)).toMatchObject({ purpose: "看牛圈", filing_no: "B-7", expected_revision: 2 });
  });
});

describe("the scene of a camera", () => {
  const zone = (name: string) => ({ id: "zone-1", name, points: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]] });
  const scene = (revision: number, name: string) => ({ revision, created_by: "wang", created_at: "2026-11-23T12:00:00Z", scene: { masks: [], zones: [zone(name)], lines: [], rules: [] } });
  const named = (): string => root.querySelector<HTMLInputElement>(".shape-line input")!.value;
  const rename = (name: string): void => {
    const field = root.querySelector<HTMLInputElement>(".shape-line input")!;
    field.value = name;
    act(() => void field.dispatchEvent(new Event("input", { bubbles: true })));
  };

  it("is theirs, and saved over theirs, when one takes what somebody else saved", async () => {
    let now = scene(1, "院子");
    const asked = serve((one): Answer => {
      if (one.path === "/cameras/c1") return { body: aCamera() };
      if (one.method === "GET") return { body: now };
      return (one.body as { expected_revision: number }).expected_revision === now.revision ? { body: { ...now, revision: 3 } } : { status: 409, body: { code: "scene_stale" } };
    });
    go("#/cameras/c1/scene", true);
    await show(<ScenePage />);
    now = scene(2, "牛圈");
    rename("羊圈");
    await press("保存");
    act(() => root.querySelectorAll<HTMLElement>("[role=alert] button")[1]!.click());
    await calm();
    expect(named()).toBe("牛圈");
    rename("大牛圈");
    await press("保存");
    expect(bodies(asked, "PUT").at(-1)).toMatchObject({ expected_revision: 2 });
  });

  it("keeps what is drawn while it is saved", async () => {
    const saving = held();
    serve((one): Answer | Promise<Answer> => {
      if (one.path === "/cameras/c1") return { body: aCamera() };
      return one.method === "GET" ? { body: scene(1, "院子") } : saving.answer;
    });
    go("#/cameras/c1/scene", true);
    await show(<ScenePage />);
    rename("羊圈");
    await press("保存");
    rename("羊圈南");
    saving.give({ body: scene(2, "羊圈") });
    await calm();
    expect(named()).toBe("羊圈南");
  });
});

it("a camera taken off the wall comes back beside those that were put up since", async () => {
  serve(() => ({ body: {} }));
  cameras.value = ["c1", "c2", "c3"].map((id) => aCamera({ id, name: id }));
  layout.value = "4";
  fixed.value = ["c1", "c2"];
  selected.value = 0;
  await show(<Grid full={() => {}} pick={() => {}} />);
  act(() => void document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true })));
  act(() => {
    fixed.value = [null, "c2", "c3"];
  });
  act(() => void undoLast());
  expect(fixed.value.slice(0, 3)).toEqual(["c1", "c2", "c3"]);
  cameras.value = null;
});

const beside = (): void => void act(() => void root.querySelector("dialog")!.dispatchEvent(new MouseEvent("mousedown", { bubbles: true })));

it("a click beside a dialog that shows what is shown once does not close it", () => {
  const closed = vi.fn();
  act(() => render(<Dialog label="x" once onClose={closed}>a password</Dialog>, root));
  beside();
  expect(closed).not.toHaveBeenCalled();
});

it("a click beside a dialog closes it until a form in it is filled in", () => {
  const closed = vi.fn();
  act(() => render(<Dialog label="x" onClose={closed}><form><input name="why" /></form></Dialog>, root));
  beside();
  expect(closed).toHaveBeenCalledOnce();
  act(() => type("why", "查案"));
  beside();
  expect(closed).toHaveBeenCalledOnce();
});
