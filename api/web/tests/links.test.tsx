import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { Give } from "../src/give/page";
import { Owner } from "../src/owner/page";

it.each([Owner, Give])("another link is another page: nothing of the one before is shown or sent under it", (Page) => {
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  const reload = vi.spyOn(location, "reload").mockImplementation(() => {});
  const root = document.createElement("div");
  act(() => render(<Page />, root));
  dispatchEvent(new Event("hashchange"));
  expect(reload).toHaveBeenCalled();
  act(() => render(null, root));
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
