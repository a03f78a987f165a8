/** A device being added, step by step: what was typed and found so far, and what of it the hub has already. */

import { effect, signal } from "@preact/signals";
import { createCamera, createConsent, createDevice, type DeviceType, freeGbId, type Report, type Template } from "../api/register";
import { Problem } from "../api/client";
import { bodyOf, type CameraForm, complaints, type Complaints, EMPTY, LENGTHS } from "./cameraform";
import { consentBody, consentComplaints, type ConsentForm, EMPTY_CONSENT } from "./consentform";
import { session } from "./session";

export const WAYS = ["address", "onvif", "template", "probe"] as const;
export type Way = (typeof WAYS)[number];

export const PARTS = ["box", "test", "channels", "what", "place", "save"] as const;
export type Part = (typeof PARTS)[number];

/** One camera to be made: a source of an ONVIF box, a channel of an NVR, or the one stream of an address. */
export interface Channel {
  key: string;
  on: boolean;
  name: string;
  sub_url: string;
  main_url: string;
  /** A code it has already; empty: one is made, or none. */
  gb_id: string;
}

export interface NewDevice {
  part: Part;
  /** The furthest part seen: those before it can be gone back to and on from. */
  reached: Part;
  way: Way;
  url: string;
  host: string;
  port: string;
  onvif_port: string;
  vendor: string;
  channel: string;
  username: string;
  /** The box as the register has it already, when another camera of it is added. */
  device_id: string | null;
  device_name: string;
  found_vendor: string;
  found_model: string;
  report: Report | null;
  channels: Channel[];
  form: CameraForm;
  consent: ConsentForm;
  makeCodes: boolean;
  enabled: boolean;
  made: Made;
}

interface Made {
  device: string | null;
  /** Camera ids by channel key. */
  cameras: Record<string, string>;
  /** Channel keys whose consent is recorded. */
  consents: string[];
}

export const NEW: NewDevice = {
  part: "box",
  reached: "box",
  way: "address",
  url: "",
  host: "",
  port: "",
  onvif_port: "80",
  vendor: "",
  channel: "1",
  username: "",
  device_id: null,
  device_name: "",
  found_vendor: "",
  found_model: "",
  report: null,
  channels: [],
  form: EMPTY,
  consent: EMPTY_CONSENT,
  makeCodes: true,
  enabled: true,
  made: { device: null, cameras: {}, consents: [] },
};

/** Typed by this user since the page was loaded; never in a draft, so a reload asks for it again. */
export const password = signal("");

/** An address while it is typed: it may hold a password, which is taken out before the draft gets it. */
export const typedUrl = signal<string | null>(null);

/** What the address says once its user name and password are taken out; both go to fields of their own. */
export function withoutSecrets(text: string): { url: string; username: string; password: string } {
  const found = /^([a-z+]+:\/\/)([^/?#]*)(.*)$/i.exec(text.trim());
  if (!found) return { url: text.trim(), username: "", password: "" };
  const [, scheme, authority, rest] = found as unknown as [string, string, string, string];
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const [username = "", ...secret] = authority.slice(0, at).split(":");
    return { url: scheme + authority.slice(at + 1) + rest, username: plain(username), password: plain(secret.join(":")) };
  }
  const secret = /(password|passwd|pwd|pass)=([^&/?#{}]+)/i.exec(rest);
  const name = secret && /(^|[^a-z])(user|username|usr)=([^&/?#{}]+)/i.exec(rest);
  if (!secret) return { url: text.trim(), username: "", password: "" };
  let bare = rest.replace(secret[0], `${secret[1]}={password}`);
  if (name) bare = bare.replace(name[0], `${name[1]}${name[2]}={username}`);
  return { url: scheme + authority + bare, username: plain(name?.[3] ?? ""), password: plain(secret[2]!) };
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a password with a bare % in it
  }
}

/** The address typed, as the draft may keep it. */
export function takeUrl(): Partial<NewDevice> {
  if (typedUrl.value === null) return {};
  const { url, username, password: secret } = withoutSecrets(typedUrl.value);
  typedUrl.value = null;
  if (secret !== "") password.value = secret;
  return username === "" ? { url } : { url, username };
}

let typist = "";
effect(() => {
  const user = session.value?.user.name;
  if (user === undefined || user === typist) return;
  typist = user;
  password.value = "";
  typedUrl.value = null;
});

/** The parts one goes through: a WiFi probe has no stream to try or choose. */
export const partsOf = (draft: NewDevice): Part[] =>
  draft.way === "probe" ? PARTS.filter((one) => one !== "test" && one !== "channels") : [...PARTS];

export function hostOfUrl(url: string): string {
  const found = /^\s*[a-z+]+:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url);
  return (found?.[1] ?? "").replace(/^\[|\]$/g, "").toLowerCase();
}

export const hostOfDraft = (draft: NewDevice): string =>
  draft.way === "address" ? hostOfUrl(draft.report?.url ?? draft.url) : draft.host.trim().toLowerCase();

/** A maker's address for one channel of one box. */
export function fill(path: string, draft: Pick<NewDevice, "host" | "port">, usual: number, channel: string): string {
  const host = draft.host.trim();
  const shown = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `rtsp://${shown}:${draft.port.trim() || usual}${path.replaceAll("{channel}", channel)}`;
}

export function channelOf(template: Template, draft: NewDevice, channel: string, name: string): Channel {
  return {
    key: channel,
    on: true,
    name,
    sub_url: fill(template.sub, draft, template.port, channel),
    main_url: fill(template.main, draft, template.port, channel),
    gb_id: "",
  };
}

/** What keeps one from going on from a part, by field. */
export function complaintsOf(draft: NewDevice, part: Part): Complaints {
  const wrong: Complaints = {};
  if (part === "box") {
    if (draft.way === "address" && hostOfUrl(draft.url) === "") wrong.url = draft.url.trim() === "" ? "missing" : "url";
    if (draft.way !== "address" && draft.host.trim() === "") wrong.host = "missing";
    if (draft.way === "template" && draft.vendor === "") wrong.vendor = "missing";
    if (draft.way === "template" && !/^[1-9]\d{0,2}$/.test(draft.channel.trim())) wrong.channel = "channel";
    for (const name of ["port", "onvif_port"] as const)
      if (draft[name].trim() !== "" && !(Number(draft[name]) >= 1 && Number(draft[name]) <= 65_535)) wrong[name] = "port";
  }
  if (part === "channels" || (part === "what" && draft.way === "probe")) {
    const chosen = draft.channels.filter((one) => one.on);
    if (chosen.length === 0) wrong.channels = "missing";
    for (const one of chosen) {
      const long = one.name.trim().length;
      if (long === 0 || long > LENGTHS.name!) wrong[`name ${one.key}`] = long === 0 ? "missing" : "string_too_long";
    }
  }
  if (part === "what" || part === "place") {
    const PLACE = ["lat", "lon", "bearing_deg", "view_angle_deg"];
    for (const [name, code] of Object.entries(complaints({ ...draft.form, name: "-" })))
      if (PLACE.includes(name) === (part === "place")) wrong[name] = code;
  }
  if (part === "what" && draft.form.kind === "civilian") Object.assign(wrong, consentComplaints(draft.consent));
  if (part === "save")
    for (const one of draft.channels) if (one.on && one.gb_id.trim() !== "" && !/^\d{20}$/.test(one.gb_id.trim())) wrong[`gb_id ${one.key}`] = "gb_digits";
  return wrong;
}

/** Which part holds a field that the hub refused. */
export function partOf(field: string): Part {
  if (["lat", "lon", "bearing_deg", "view_angle_deg", "datum"].includes(field)) return "place";
  if (["url", "host", "vendor", "port", "onvif_port", "username", "password", "type"].includes(field)) return "box";
  if (["sub_url", "main_url", "name"].includes(field)) return "channels";
  return field === "gb_id" ? "save" : "what";
}

const typeOf = (draft: NewDevice): DeviceType =>
  draft.way === "probe" ? "wifi_probe" : draft.channels.filter((one) => one.on).length > 1 ? "nvr" : "camera";

/**
 * Saves what is not saved yet, box first. `keep` gets what is made as soon as it is, so that a second try after a failure
 * goes on and makes nothing twice. Throws the first Problem.
 */
export async function save(draft: NewDevice, keep: (made: Made) => void): Promise<Made> {
  let made = draft.made;
  const note = (change: Partial<Made>): void => {
    made = { ...made, ...change };
    keep(made);
  };
  const chosen = draft.channels.filter((one) => one.on);
  const device = draft.device_id ?? made.device ?? (await makeDevice(draft, chosen[0]?.name ?? ""));
  if (draft.device_id === null) note({ device });
  for (const channel of chosen) {
    let camera = made.cameras[channel.key];
    if (camera === undefined) {
      camera = await makeCamera(draft, device, channel);
      note({ cameras: { ...made.cameras, [channel.key]: camera } });
    }
    if (draft.form.kind === "civilian" && !made.consents.includes(channel.key)) {
      await createConsent(camera, consentBody(draft.consent));
      note({ consents: [...made.consents, channel.key] });
    }
  }
  return made;
}

async function makeDevice(draft: NewDevice, name: string): Promise<string> {
  const onvif = Number(draft.onvif_port);
  const made = await createDevice({
    name: (draft.device_name.trim() || name).slice(0, 64),
    type: typeOf(draft),
    host: hostOfDraft(draft),
    vendor: draft.found_vendor || draft.vendor,
    model: draft.found_model,
    username: draft.username.trim(),
    ...(password.value === "" ? {} : { password: password.value }),
    ...(draft.way === "onvif" && onvif > 0 ? { onvif_port: onvif } : {}),
  });
  return made.id;
}

async function makeCamera(draft: NewDevice, device: string, channel: Channel): Promise<string> {
  const form = { ...draft.form, name: channel.name, sub_url: channel.sub_url, main_url: channel.main_url };
  const kept = channel.gb_id.trim();
  const once = async (): Promise<string> => {
    const code = kept !== "" ? kept : draft.makeCodes ? await freeGbId(form.village_code, form.kind) : "";
    const made = await createCamera({ ...bodyOf({ ...form, gb_id: code }), device_id: device, enabled: draft.enabled });
    return made.id;
  };
  try {
    return await once();
  } catch (err) {
    // A code that was free is not reserved: somebody took it in between.
    if (kept === "" && err instanceof Problem && err.code === "gb_id_taken") return once();
    throw err;
  }
}
