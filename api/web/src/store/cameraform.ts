/** A camera as its form holds it: text as typed, what is wrong with it, and what a change of it says to the hub. */

import type { FieldProblem } from "../api/client";
import { type CameraChange, type Datum, DATUMS } from "../api/register";
import type { Camera, Kind } from "../api/types";
import { toWgs, type Position } from "./datum";

const TEXTS = [
  "name",
  "village_code",
  "hamlet",
  "address",
  "pole",
  "manager_unit",
  "owner_name",
  "owner_contact",
  "probe_mac",
  "note",
  "tier",
] as const;
/** Left empty they are null to the hub. */
const NULLABLE = ["main_url", "sub_url", "gb_id", "record_mode", "record_stream"] as const;
const NUMBERS = ["lat", "lon", "bearing_deg", "view_angle_deg", "record_days", "event_days"] as const;

export const FIELDS = [...TEXTS, ...NULLABLE, ...NUMBERS] as const;
export type Field = (typeof FIELDS)[number];

export type CameraForm = Record<Field, string> & { kind: Kind; datum: Datum };

/** As the hub bounds them. A longer text is not cut while one types or pastes it: it is said to be too long. */
export const LENGTHS: Partial<Record<Field, number>> = {
  name: 64,
  hamlet: 64,
  address: 200,
  pole: 32,
  manager_unit: 64,
  owner_name: 64,
  owner_contact: 64,
  probe_mac: 17,
  note: 200,
  main_url: 1000,
  sub_url: 1000,
  gb_id: 20,
};

/** Recordings are kept no longer than ten years. */
const MOST_DAYS = 3650;

export const NEEDS: Record<Kind, readonly Field[]> = {
  public: ["manager_unit"],
  social: ["manager_unit"],
  wifi_probe: ["probe_mac"],
  civilian: ["owner_name", "owner_contact"],
};

export const EMPTY: CameraForm = {
  ...(Object.fromEntries(FIELDS.map((one) => [one, ""])) as Record<Field, string>),
  tier: "auto",
  kind: "public",
  datum: "wgs84",
};

export function formOf(camera: Camera): CameraForm {
  const form = { ...EMPTY, kind: camera.kind };
  for (const name of TEXTS) form[name] = camera[name];
  for (const name of NULLABLE) form[name] = camera[name] ?? "";
  for (const name of NUMBERS) form[name] = camera[name] === null ? "" : String(camera[name]);
  return form;
}

/** A number as people type it, full-width digits and commas included; null when it is none. */
export function numberOf(text: string): number | null {
  const plain = text
    .trim()
    .replace(/[０-９．－]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0))
    .replace(/°$/, "");
  return /^-?\d{1,3}(\.\d{1,12})?$/.test(plain) ? Number(plain) : null;
}

/** Latitude and longitude out of one pasted text, `45.5, 124.3`; null when it holds no such pair. */
export function pairOf(text: string): [string, string] | null {
  const found = /^\s*(-?\d{1,3}\.\d+)\s*[,，;\s]\s*(-?\d{1,3}\.\d+)\s*$/.exec(text);
  return found ? [found[1]!, found[2]!] : null;
}

/** Where the form says the camera stands, in WGS-84; null while it does not. */
export function placeOf(form: CameraForm): Position | null {
  const [lat, lon] = [numberOf(form.lat), numberOf(form.lon)];
  if (lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  return toWgs({ lat, lon }, form.datum);
}

/** Complaints by field: codes that the page has words for, the same as the hub's where it has one. */
export type Complaints = Partial<Record<string, string>>;

export function complaints(form: CameraForm): Complaints {
  const wrong: Complaints = {};
  for (const name of ["name", "village_code", ...NEEDS[form.kind]] as const) if (form[name].trim() === "") wrong[name] = "missing";
  for (const name of FIELDS) if (form[name].trim().length > (LENGTHS[name] ?? Infinity)) wrong[name] = "string_too_long";
  for (const name of NUMBERS) if (form[name].trim() !== "" && numberOf(form[name]) === null) wrong[name] = "float_parsing";
  const [lat, lon] = [numberOf(form.lat), numberOf(form.lon)];
  if ((form.lat.trim() === "") !== (form.lon.trim() === "")) wrong[form.lat.trim() === "" ? "lat" : "lon"] = "position";
  else if (lat !== null && lon !== null && Math.abs(lat) > 90 && Math.abs(lon) <= 90) wrong.lat = "swapped";
  else {
    if (lat !== null && Math.abs(lat) > 90) wrong.lat = "less_than_equal";
    if (lon !== null && Math.abs(lon) > 180) wrong.lon = "less_than_equal";
  }
  const [bearing, angle] = [numberOf(form.bearing_deg), numberOf(form.view_angle_deg)];
  if (bearing !== null && (bearing < 0 || bearing >= 360)) wrong.bearing_deg = "bearing";
  if (angle !== null && (angle <= 0 || angle > 360)) wrong.view_angle_deg = "angle";
  for (const name of ["record_days", "event_days"] as const) {
    const days = numberOf(form[name]);
    if (days !== null && (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)) wrong[name] = "days";
  }
  if (form.gb_id.trim() !== "" && !/^\d{20}$/.test(form.gb_id.trim())) wrong.gb_id = "gb_digits";
  if (form.kind === "wifi_probe" && form.probe_mac.trim() !== "" && !/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(form.probe_mac.trim()))
    wrong.probe_mac = "mac";
  return wrong;
}

/** What the hub complained of, by the last part of the field's path. */
export const refused = (fields: readonly FieldProblem[]): Complaints =>
  Object.fromEntries(fields.map((one) => [one.path.split(".").pop() ?? one.path, one.code]));

function value(form: CameraForm, name: Field): string | number | null {
  const text = form[name].trim();
  if ((NUMBERS as readonly string[]).includes(name)) return numberOf(text);
  if ((NULLABLE as readonly string[]).includes(name)) return text === "" ? null : text;
  return text;
}

/** The fields that differ, and the datum of a new place. */
export const touched = (form: CameraForm, base: CameraForm): Field[] =>
  FIELDS.filter((name) => form[name].trim() !== base[name].trim());

export function changeOf(form: CameraForm, base: CameraForm): CameraChange {
  const names = touched(form, base);
  const change: CameraChange = Object.fromEntries(names.map((name) => [name, value(form, name)]));
  if (names.includes("lat") || names.includes("lon")) {
    change.lat = value(form, "lat");
    change.lon = value(form, "lon");
    if (change.lat !== null) change.datum = form.datum;
  }
  return change;
}

/** A whole camera for the hub; what does not belong to its kind is left out. */
export function bodyOf(form: CameraForm): CameraChange {
  const body: CameraChange = { kind: form.kind };
  for (const name of FIELDS) {
    if (["owner_name", "owner_contact", "manager_unit", "probe_mac"].includes(name) && !NEEDS[form.kind].includes(name)) continue;
    if (form.kind === "wifi_probe" && (name === "main_url" || name === "sub_url" || name.startsWith("record_"))) continue;
    const told = value(form, name);
    if (told !== null && told !== "") body[name] = told;
  }
  if (body.lat !== undefined) body.datum = form.datum;
  return body;
}

/** One's own changes on what somebody else made of the camera meanwhile; `clashes` are fields that both changed. */
export function merge(mine: CameraForm, base: CameraForm, theirs: CameraForm): { form: CameraForm; clashes: Field[] } {
  const own = touched(mine, base);
  const clashes = own.filter((name) => theirs[name] !== base[name] && theirs[name].trim() !== mine[name].trim());
  const form = { ...theirs, datum: mine.datum };
  for (const name of own) form[name] = mine[name];
  // A place is one thing: half of it from each would be nowhere.
  if (own.includes("lat") || own.includes("lon")) {
    form.lat = mine.lat;
    form.lon = mine.lon;
  }
  return { form, clashes };
}

export const datumOf = (text: string): Datum => DATUMS.find((one) => one === text) ?? "wgs84";
