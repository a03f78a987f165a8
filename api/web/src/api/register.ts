/** Cameras, devices, scenes and consents as the technicians' page reads and changes them. */

import { ask, problemOf, request } from "./client";
import type { Camera, EventKind, Kind, LabelGroup, Reason, State } from "./types";

export const DATUMS = ["wgs84", "gcj02", "bd09"] as const;
export type Datum = (typeof DATUMS)[number];

export const DEVICE_TYPES = ["camera", "nvr", "encoder", "wifi_probe"] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export const CONSENT_SCOPES = ["events", "clip", "incident", "live", "register"] as const;
export type ConsentScope = (typeof CONSENT_SCOPES)[number];

export interface Device {
  id: string;
  name: string;
  type: DeviceType;
  host: string;
  vendor: string;
  model: string;
  username: string;
  has_password: boolean;
  onvif_port: number | null;
  clock_offset_ms: number | null;
  revision: number;
  created_at: string;
}

export interface StatusAt {
  state: State;
  reason: Reason | null;
  detail: string;
  since: string;
}

export const CONSENT_STATES = ["invited", "signed", "active", "paused", "expired", "withdrawn"] as const;
export type ConsentState = (typeof CONSENT_STATES)[number];

export const CONSENT_STEPS = ["sign", "activate", "pause", "resume", "reconfirm"] as const;
export type ConsentStep = (typeof CONSENT_STEPS)[number];

export interface Consent {
  id: string;
  camera_id: string;
  owner_name: string;
  state: ConsentState;
  scopes: ConsentScope[];
  purpose: string;
  masks: Point[][];
  reconfirm_by: string | null;
  has_scan: boolean;
  has_link: boolean;
  from_minute: number | null;
  to_minute: number | null;
  valid_from: string;
  valid_to: string | null;
  text_version: string;
  signed_at: string | null;
  withdrawn_at: string | null;
}

/** Shares of the picture, 0–1, origin top left. */
export type Point = [number, number];

export interface Zone {
  id: string;
  name: string;
  points: Point[];
}

/** Seen along a → b, crossing from left to right is `in`. */
export interface Line {
  id: string;
  name: string;
  a: Point;
  b: Point;
  in_name: string;
  out_name: string;
}

export interface Rule {
  id: string;
  name: string;
  kind: EventKind;
  zone: string | null;
  line: string | null;
  groups: LabelGroup[];
  labels: string[];
  min_score: number;
  direction: "in" | "out" | null;
  schedule: { from_minute: number; to_minute: number } | null;
  enabled: boolean;
}

export interface Scene {
  masks: Point[][];
  zones: Zone[];
  lines: Line[];
  rules: Rule[];
}

export interface SceneAt {
  revision: number;
  scene: Scene;
  created_by: string;
  created_at: string;
}

/** What somebody changes of a camera; what is not named stays. */
export type CameraChange = Partial<Record<keyof Camera | "datum", string | number | boolean | null>>;

export const getCamera = (id: string, signal?: AbortSignal): Promise<Camera> => ask("GET", `/cameras/${id}`, undefined, signal);

export const createCamera = (made: object): Promise<Camera> => ask("POST", "/cameras", made);

export const changeCamera = (id: string, change: CameraChange, revision: number): Promise<Camera> =>
  ask("PATCH", `/cameras/${id}`, { ...change, expected_revision: revision });

export const removeCamera = (id: string): Promise<void> => ask("DELETE", `/cameras/${id}`);

export const cameraHistory = async (id: string, signal?: AbortSignal): Promise<StatusAt[]> =>
  (await ask<{ history: StatusAt[] }>("GET", `/cameras/${id}/history`, undefined, signal)).history;

export const listDevices = async (signal?: AbortSignal): Promise<Device[]> =>
  (await ask<{ devices: Device[] }>("GET", "/devices", undefined, signal)).devices;

export const getDevice = (id: string, signal?: AbortSignal): Promise<Device> => ask("GET", `/devices/${id}`, undefined, signal);

export const createDevice = (made: object): Promise<Device> => ask("POST", "/devices", made);

export const changeDevice = (id: string, change: object, revision: number): Promise<Device> =>
  ask("PATCH", `/devices/${id}`, { ...change, expected_revision: revision });

export const listConsents = async (id: string, signal?: AbortSignal): Promise<Consent[]> =>
  (await ask<{ consents: Consent[] }>("GET", `/cameras/${id}/consents`, undefined, signal)).consents;

export const createConsent = (camera: string, made: object): Promise<Consent> =>
  ask("POST", `/cameras/${camera}/consents`, made);

export const inviteConsent = (camera: string, made: object): Promise<Consent> =>
  ask("POST", `/cameras/${camera}/consents/invite`, made);

/** How many events, recorded files and pictures of marks. */
export interface Kept {
  events: number;
  recordings: number;
  marks: number;
  stills: number;
  motion: number;
}

/** What a withdrawal did, and what is left of what was kept. */
export interface Receipt {
  number: string;
  consent_id: string;
  owner_name: string;
  camera_name: string;
  village_name: string;
  at: string;
  by_owner: boolean;
  stopped: boolean;
  credentials: boolean;
  purge_by: string | null;
  purged: Kept;
  left: Kept | null;
  held_until: string | null;
}

export const withdrawConsent = (id: string): Promise<Receipt> => ask("POST", `/consents/${id}/withdraw`);

export const stepConsent = (id: string, step: ConsentStep): Promise<Consent> => ask("POST", `/consents/${id}/steps`, { step });

export interface ConsentHistory {
  steps: { at: string; by: string; step: string; note: string }[];
  may: string[];
}

export const consentHistory = (id: string, signal?: AbortSignal): Promise<ConsentHistory> =>
  ask("GET", `/consents/${id}/steps`, undefined, signal);

/** A photograph of what was signed; over a village's line it takes its time. */
export const putScan = (id: string, file: File): Promise<Consent> =>
  request("PUT", `/consents/${id}/scan`, async (answer) => (await answer.json()) as Consent, {
    body: new Blob([file], { type: "application/octet-stream" }),
    patienceMs: 120_000,
  });

export const scanOf = (id: string): string => `/api/v1/consents/${id}/scan`;
export const paperOf = (id: string): string => `/api/v1/consents/${id}/paper`;
export const receiptOf = (id: string): string => `/api/v1/consents/${id}/receipt/paper`;

export const renewLink = async (id: string): Promise<string> =>
  (await ask<{ address: string }>("POST", `/consents/${id}/link`, { renew: true })).address;

export interface Attention {
  camera_id: string;
  camera_name: string;
  village_code: string;
  village_name: string;
  owner_name: string;
  consent_id: string | null;
  why: "unsigned" | "inactive" | "expiring" | "expired" | "missing" | "masks";
  ends_at: string | null;
}

export const listAttention = async (signal?: AbortSignal): Promise<Attention[]> =>
  (await ask<{ cameras: Attention[] }>("GET", "/consents/attention", undefined, signal)).cameras;

export const getScene = (id: string, signal?: AbortSignal): Promise<SceneAt> =>
  ask("GET", `/cameras/${id}/scene`, undefined, signal);

export const putScene = (id: string, scene: Scene, revision: number, approval?: string): Promise<SceneAt> =>
  ask("PUT", `/cameras/${id}/scene`, { scene, expected_revision: revision, approval_id: approval ?? null });

export const freeGbId = async (village: string, kind: Kind): Promise<string> =>
  (await ask<{ gb_id: string }>("POST", "/gb-ids", { village_code: village, kind })).gb_id;

const PICTURE_MS = 15_000;

/** The camera's picture of now, masked, under the session's purpose. */
export const pictureNow = (id: string, signal?: AbortSignal): Promise<Blob> =>
  request("GET", `/cameras/${id}/picture`, (answer) => answer.blob(), { signal, patienceMs: PICTURE_MS });

/** A camera with a 20 KB/s line needs 15 s to a first picture, and is then measured. */
const TRIAL_MS = 120_000;

export const STEPS = ["reach", "sign_in", "picture", "measure", "clock"] as const;
export type StepName = (typeof STEPS)[number];

/** `ok` is null for what was not tried. */
export interface Step {
  name: StepName;
  ok: boolean | null;
  code: string | null;
  hint: string | null;
}

/** What a stream really sends; `gop_s` is the longest distance of keyframes seen. */
export interface Measured {
  codec: string;
  width: number;
  height: number;
  fps: number;
  gop_s: number | null;
  gop_even: boolean;
  kbits: number;
}

export interface Report {
  ok: boolean;
  url: string;
  steps: Step[];
  stream: Measured | null;
  clock_offset_ms: number | null;
  advice: { code: string; hint: string }[];
}

export type TrialLine =
  | { step: Step }
  | { progress: { share: number; stream: Measured | null } }
  | { report: Report };

export interface TrialOrder {
  url?: string;
  vendor?: string;
  host?: string;
  port?: number | null;
  channel?: number;
  stream?: "main" | "sub";
  username: string;
  password: string;
  onvif_port?: number | null;
}

/** Tries a stream that is not registered yet; aborting it closes the connection to the camera. */
export const tryStream = (order: TrialOrder, each: (line: TrialLine) => void, signal: AbortSignal): Promise<void> =>
  lines("/trials", order, each, signal);

/** Tries a stream of a registered box with the password the hub keeps. */
export const tryDevice = (
  device: string,
  which: { camera_id: string; stream: "main" | "sub" },
  each: (line: TrialLine) => void,
  signal: AbortSignal,
): Promise<void> => lines(`/devices/${device}/trials`, which, each, signal);

export interface Template {
  vendor: string;
  main: string;
  sub: string;
  port: number;
  /** 1: there is no channel to choose. */
  channels: number;
  notes: string[];
}

export const listTemplates = async (): Promise<Template[]> =>
  (await ask<{ templates: Template[] }>("GET", "/devices/templates")).templates;

export interface OnvifReport {
  vendor: string;
  model: string;
  clock_offset_ms: number | null;
  profiles: { source: string; name: string; main_url: string; sub_url: string | null }[];
}

export const askOnvif = (
  box: { host: string; port: number; username: string; password: string },
  signal: AbortSignal,
): Promise<OnvifReport> =>
  request("POST", "/devices/onvif", async (answer) => (await answer.json()) as OnvifReport, {
    body: box,
    signal,
    patienceMs: 30_000,
  });

export interface FoundBox {
  host: string;
  port: number;
  name: string;
  hardware: string;
  location: string;
  onvif_url: string;
  known_device_id: string | null;
}

export type FindLine = { found: FoundBox } | { done: { found: number; searched: string[] } };

export const findDevices = (seconds: number, each: (line: FindLine) => void, signal: AbortSignal): Promise<void> =>
  lines("/devices/find", { seconds }, each, signal);

export interface Change {
  at: string;
  by: string;
  role: string | null;
  unit: string;
  action: string;
  changed: { field: string; old: unknown; new: unknown }[];
}

export const cameraChanges = async (id: string, signal?: AbortSignal): Promise<Change[]> =>
  (await ask<{ changes: Change[] }>("GET", `/cameras/${id}/changes`, undefined, signal)).changes;

export const replaceBox = (id: string, box: object): Promise<Camera> => ask("POST", `/cameras/${id}/replace`, box);

/** Asks and hands each line of the answer over as it comes; a line that tells a problem ends it with that. */
async function lines<T>(path: string, body: unknown, each: (line: T) => void, signal: AbortSignal): Promise<void> {
  await request("POST", path, (answer) => readLines(answer, each), { body, signal, patienceMs: TRIAL_MS });
}

export async function readLines<T>(answer: Response, each: (line: T) => void): Promise<void> {
  if (answer.body === null) return;
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (rest + decoder.decode(value, { stream: !done })).split("\n");
    rest = done ? "" : parts.pop()!;
    for (const part of parts) {
      if (part.trim() === "") continue;
      const line = JSON.parse(part) as T & { problem?: { status?: number } };
      if (line.problem) throw problemOf(line.problem.status ?? 500, line.problem);
      each(line);
    }
    if (done) return;
  }
}
