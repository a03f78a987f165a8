/**
 * Where one is: `#/events/<id>?place=…`, `#/cameras/<id>/scene`. It stands behind the # so that filters never reach a proxy's log, and
 * a link opens the same view for a colleague.
 */

import { signal } from "@preact/signals";

export const VIEWS = ["events", "wall", "patrol", "playback", "cases", "cameras", "map", "alerts", "health", "audit", "admin", "me"] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  view: View | null;
  /** What follows the view: an id, or a part of the view and its id. */
  path: string[];
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name, ...rest] = path.split("/");
  const parts = rest.filter((part) => part !== "");
  // Live pictures of one camera stood at #/live/<id> once; such links are in notes and reports.
  const moved = name === "live";
  return {
    view: moved ? "wall" : (VIEWS.find((one) => one === name) ?? null),
    path: moved && parts.length > 0 ? ["camera", ...parts] : parts,
    query: new URLSearchParams(query),
  };
}

export function href(view: View, query?: URLSearchParams, ...path: string[]): string {
  const text = query?.toString() ?? "";
  return `#/${[view, ...path].join("/")}${text ? `?${text}` : ""}`;
}

export const route = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => {
  route.value = parse(location.hash);
});

/** Goes there at once: whoever asks `route` next must not be told where one was. */
export function go(to: string, replace = false): void {
  if (replace) history.replaceState(null, "", to);
  else location.hash = to;
  route.value = parse(to);
}
