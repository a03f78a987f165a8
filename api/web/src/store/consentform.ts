/** What a householder agreed to, as its form holds it. */

import type { ConsentScope, Point } from "../api/register";
import { parseClock, parseLocal } from "../i18n/time";
import type { Complaints } from "./cameraform";

export interface ConsentForm {
  owner_name: string;
  scopes: ConsentScope[];
  /** The hours of day, `HH:MM`; both empty: the whole day. */
  from_hour: string;
  to_hour: string;
  /** Local times, `2026-11-23` or with hours; empty: from now, without end. */
  valid_from: string;
  valid_to: string;
  text_version: string;
  purpose: string;
  signed_at: string;
  /** What the owner wants hidden, at the least, before anything is pulled. */
  masks: Point[][];
}

export const EMPTY_CONSENT: ConsentForm = {
  owner_name: "",
  scopes: ["events"],
  from_hour: "",
  to_hour: "",
  valid_from: "",
  valid_to: "",
  text_version: "",
  purpose: "",
  signed_at: "",
  masks: [],
};

const TIMES = ["valid_from", "valid_to", "signed_at"] as const;

export function consentComplaints(form: ConsentForm): Complaints {
  const wrong: Complaints = {};
  if (form.owner_name.trim() === "") wrong.consent_owner = "missing";
  if (form.scopes.length === 0) wrong.scopes = "missing";
  for (const name of ["from_hour", "to_hour"] as const)
    if (form[name].trim() !== "" && parseClock(form[name]) === null) wrong[name] = "clock";
  if ((form.from_hour.trim() === "") !== (form.to_hour.trim() === "")) wrong[form.from_hour.trim() === "" ? "from_hour" : "to_hour"] = "hours";
  else if (form.from_hour.trim() !== "" && parseClock(form.from_hour) === parseClock(form.to_hour)) wrong.to_hour ??= "hours_equal";
  for (const name of TIMES) if (form[name].trim() !== "" && parseLocal(form[name]) === null) wrong[name] = "date";
  const [from, to] = [parseLocal(form.valid_from), parseLocal(form.valid_to)];
  if (to !== null && to <= (from ?? new Date())) wrong.valid_to = "interval";
  return wrong;
}

const minuteOf = (text: string): number | null => {
  const clock = parseClock(text);
  return clock === null ? null : Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
};

export function consentBody(form: ConsentForm): Record<string, unknown> {
  const body: Record<string, unknown> = {
    owner_name: form.owner_name.trim(),
    scopes: form.scopes,
  };
  if (form.masks.length > 0) body.masks = form.masks;
  if (form.text_version.trim() !== "") body.text_version = form.text_version.trim();
  if (form.purpose.trim() !== "") body.purpose = form.purpose.trim();
  const [from, to] = [minuteOf(form.from_hour), minuteOf(form.to_hour)];
  if (from !== null && to !== null) {
    body.from_minute = from;
    body.to_minute = to;
  }
  for (const name of TIMES) {
    const at = parseLocal(form[name]);
    if (at !== null) body[name] = at.toISOString();
  }
  return body;
}

/** 22:00 of minute 1320. */
export const hourOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
