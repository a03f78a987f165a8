/**
 * Where one is: `#/events/<id>?place=…`. It stands behind the # so that filters never reach a proxy's log, and
 * a link opens the same view for a colleague.
 */

import { signal } from "@preact/signals";

export const VIEWS = ["events", "cameras", "health"] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  view: View | null;
  id: string | null;
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name, id] = path.split("/", 2);
  return {
    view: VIEWS.find((one) => one === name) ?? null,
    id: id ? id : null,
    query: new URLSearchParams(query),
  };
}

export function href(view: View, query?: URLSearchParams, id?: string): string {
  const text = query?.toString() ?? "";
  return `#/${view}${id ? `/${id}` : ""}${text ? `?${text}` : ""}`;
}

export const route = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => {
  route.value = parse(location.hash);
});

export function go(to: string, replace = false): void {
  if (replace) {
    history.replaceState(null, "", to);
    route.value = parse(to);
  } else {
    location.hash = to;
  }
}
