/** What this browser remembers for its user: language and colours. Nothing about people or cases is kept here. */

import { effect, signal } from "@preact/signals";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

function kept<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = localStorage.getItem(key);
    return allowed.find((one) => one === value) ?? fallback;
  } catch {
    return fallback; // storage may be forbidden by policy; the page works without
  }
}

function keptText(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return ""; // see above
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}

export const language = signal<Language>(kept("language", LANGUAGES, "zh"));
export const theme = signal<Theme>(kept("theme", THEMES, "auto"));

export const SHOWS = ["grid", "table"] as const;
export type Show = (typeof SHOWS)[number];
/** How the list of events is shown, and whether the map stands beside it. */
export const show = signal<Show>(kept("events", SHOWS, "grid"));
export const mapBeside = signal<"yes" | "no">(kept("events-map", ["yes", "no"], "no"));

/** The screen of the room that this browser is; empty for none. */
export const screenName = signal(keptText("screen"));
effect(() => keep("screen", screenName.value));

/** How this desk is told of alerts; the browser itself is asked before the first notification. */
export const desktopAlerts = signal<"yes" | "no">(kept("alerts-desktop", ["yes", "no"], "no"));
export const soundAlerts = signal<"yes" | "no">(kept("alerts-sound", ["yes", "no"], "yes"));

effect(() => keep("alerts-desktop", desktopAlerts.value));
effect(() => keep("alerts-sound", soundAlerts.value));
effect(() => keep("events", show.value));
effect(() => keep("events-map", mapBeside.value));

effect(() => {
  keep("language", language.value);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});

effect(() => {
  keep("theme", theme.value);
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});
