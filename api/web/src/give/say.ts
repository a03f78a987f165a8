import { type Dictionary, en, zh } from "./words";

let words: Dictionary = zh;
const UNITS = ["B", "KB", "MB", "GB", "TB"];

export const known = (key: string): key is keyof Dictionary => key in words;

export const say = (key: string, fill: Record<string, string | number> = {}): string =>
  (known(key) ? words[key] : key).replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ""));

/** The other language; whether that is English. */
export function toggle(): boolean {
  words = words === zh ? en : zh;
  document.documentElement.lang = words === zh ? "zh-CN" : "en";
  document.title = words.title;
  return words === en;
}

/** The villages' time, wherever the telephone is. */
export const at = (iso: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" }).format(new Date(iso));

export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export const lasts = (seconds: number): string =>
  seconds >= 90 ? say("minutes", { n: Math.round(seconds / 60) }) : say("seconds", { n: Math.max(1, Math.round(seconds)) });
