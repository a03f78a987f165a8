import { type ComponentType, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { go, route } from "../src/store/route";
import { Lazy } from "../src/ui/lazy";
import { AuditView } from "../src/views/audit";
import { type Asked, serve, settled } from "./hub";

let root: HTMLElement;
let asked: Asked[];

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
  asked = serve(() => ({ status: 404, body: { code: "not_found" } }));
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
});

describe("a part that is fetched", () => {
  it("is not drawn with the address of the next one", async () => {
    const drawn: string[] = [];
    const view = (name: string): ComponentType => () => {
      drawn.push(`${name} ${route.value.path.join()}`);
      return null;
    };
    const [map, alerts] = [view("map"), view("alerts")];
    const parts: Record<string, () => Promise<ComponentType>> = { map: async () => map, alerts: async () => alerts };
    const Page = () => <Lazy load={parts[route.value.view!]!} />;
    go("#/map/2208", true);
    act(() => render(<Page />, root));
    await act(settled);
    act(() => go("#/alerts/rules", true));
    await act(settled);
    expect(new Set(drawn)).toEqual(new Set(["map 2208", "alerts rules"]));
  });
});

describe("where one is", () => {
  it("is known as soon as one goes there, however late the browser tells", () => {
    go("#/cameras/a?tab=scene");
    expect(route.peek()).toMatchObject({ view: "cameras", path: ["a"] });
    expect(route.peek().query.get("tab")).toBe("scene");
  });

  it("keeps a filter that was chosen before the page was drawn anew", async () => {
    go("#/audit", true);
    act(() => render(<AuditView />, root));
    await act(settled);
    const user = root.querySelectorAll<HTMLInputElement>("input[type=search]")[0]!;
    const sort = root.querySelector<HTMLSelectElement>("select")!;
    // Both before anything is drawn again, as on a machine that is slow to draw.
    act(() => {
      user.value = "li";
      user.dispatchEvent(new Event("change", { bubbles: true }));
      sort.value = "live";
      sort.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(Object.fromEntries(route.peek().query)).toMatchObject({ user: "li", sort: "live" });
    expect(asked.length).toBeGreaterThan(0);
  });
});
