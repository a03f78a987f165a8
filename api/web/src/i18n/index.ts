/** Words of the page in two languages. A missing key does not compile; `{name}` stands for a value. */

import type { Problem } from "../api/client";
import type { Fault } from "../api/types";
import { language, type Language } from "../store/settings";
import { en, zh } from "./dictionaries";

export type Key = keyof typeof zh;
export type Params = Record<string, string | number>;

export const DICTIONARIES: Record<Language, Record<Key, string>> = { zh, en };

export function t(key: Key, params: Params = {}): string {
  return fill(DICTIONARIES[language.value][key], params);
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

function known(key: string): key is Key {
  return Object.hasOwn(zh, key);
}

type Family =
  | "after"
  | "kind"
  | "consentState"
  | "consentStep"
  | "state"
  | "reason"
  | "advice"
  | "picture"
  | "pictureAdvice"
  | "origin"
  | "settingDoc"
  | "rule"
  | "group"
  | "label"
  | "role"
  | "purpose"
  | "verdict"
  | "patrolVerdict"
  | "incidentState"
  | "incidentStep"
  | "survey"
  | "permission"
  | "level"
  | "inUse"
  | "roleMeans"
  | "doubt"
  | "workerState"
  | "targetKind"
  | "deliveryState"
  | "warning"
  | "wrong"
  | "field"
  | "datum"
  | "device"
  | "scope"
  | "trial"
  | "trialDo"
  | "setting"
  | "vendor"
  | "vendorNote"
  | "badCell"
  | "badUnit"
  | "unitColumn"
  | "action"
  | "gap"
  | "damage"
  | "relation"
  | "idKind"
  | "requestState"
  | "requestDecision"
  | "refusal"
  | "shownHow"
  | "assessed"
  | "look"
  | "refusedLook"
  | "sign"
  | "signMeans"
  | "viewingEnd"
  | "broken"
  | "answer"
  | "duty"
  | "unitKind"
  | "unitInUse"
  | "lack"
  | "basis"
  | "forbidden"
  | "filing"
  | "filings"
  | "purged"
  | "holdOrigin"
  | "purgeCause"
  | "offence"
  | "caseState"
  | "approvalKind"
  | "approvalState"
  | "bookmarkKind"
  | "confidence"
  | "recipient"
  | "medium"
  | "custody"
  | "item"
  | "manner"
  | "certainty"
  | "mode"
  | "agreed"
  | "lacking"
  | "unwatched"
  | "decision"
  | "hiddenBy"
  | "linkState"
  | "held"
  | "compass";

/** The word for a value of an enumeration; a value newer than this page shows as it is. */
export function word(family: Family, value: string, params: Params = {}): string {
  const key = `${family}.${value}`;
  return known(key) ? t(key, params) : value;
}

/** A refusal or failure in words, with what to do; an unknown code falls back to the hub's title and the code. */
export function problemText(problem: Problem): string {
  const key = `problem.${problem.code}`;
  if (known(key)) return t(key, { ...problem.params });
  const byStatus = `problem.http_${problem.status}`;
  if (known(byStatus)) return `${t(byStatus)} (${problem.code})`;
  return `${problem.message} (${problem.code})`;
}

export function faultText(fault: Fault): string {
  const key = `fault.${fault.code}`;
  // The hub writes names one after the other as a log does.
  const { cameras } = fault.params;
  const params = cameras === undefined ? fault.params : { ...fault.params, cameras: String(cameras).replaceAll(", ", t("list.and")) };
  return known(key) ? t(key, params) : t("fault.other", { code: fault.code });
}

/** Words one after the other as the language writes lists: 甲、乙和丙; one, two, and three. */
export const listed = (words: Iterable<string>): string =>
  new Intl.ListFormat(language.value === "zh" ? "zh-CN" : "en", { type: "conjunction" }).format(words);

/** 3 s, 12 min, 5 h, 2 d: the largest unit alone, for columns. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return t("span.s", { n: s });
  if (s < 3600) return t("span.min", { n: Math.floor(s / 60) });
  if (s < 172_800) return t("span.h", { n: Math.floor(s / 3600) });
  return t("span.d", { n: Math.floor(s / 86_400) });
}

/** How long nobody watched; to the minute, as an hour more or less decides whether somebody slipped by. */
export const unwatched = (seconds: number): string => (seconds < 3600 ? span(seconds * 1000) : lasting(seconds * 1000));

/** 3 d 4 h, 4 h 20 min, 20 min: two units, for what runs out. */
export function lasting(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [d, h, min] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (d > 0) return t("lasting.dh", { d, h });
  return h > 0 ? t("lasting.hm", { h, m: min }) : t("span.min", { n: min });
}
