/** Whom a case asks for footage, what is sent in, and what becomes of it. */

import { ask, request } from "./client";
import type { Kind } from "./types";

export const ENTRY_STATES = ["to_visit", "asked", "promised", "none", "got", "declined"] as const;
export type EntryState = (typeof ENTRY_STATES)[number];
export const WAYS = ["link", "text", "paper"] as const;
export type Way = (typeof WAYS)[number];

export interface ClipRequest {
  id: string;
  entry_id: string;
  way: Way;
  from: string;
  to: string;
  document_number: string;
  asked_by: string;
  asked_at: string;
  expires_at: string;
  seen_at: string | null;
  used_at: string | null;
  revoked_at: string | null;
  /** So many came on its link. */
  files: number;
  state: "open" | "used" | "expired" | "revoked";
}

export interface Entry {
  id: string;
  camera_id: string | null;
  camera_kind: Kind | null;
  asks: "clip" | "ask" | null;
  name: string;
  address: string;
  lat: number | null;
  lon: number | null;
  distance_m: number | null;
  contact: string;
  has_camera: boolean | null;
  kept_days: number | null;
  overwritten_at: string | null;
  state: EntryState;
  note: string;
  revision: number;
  requests: ClipRequest[];
}

export interface Candidate {
  camera_id: string;
  name: string;
  kind: Kind;
  asks: "clip" | "ask";
  village_name: string;
  address: string;
  lat: number | null;
  lon: number | null;
  distance_m: number | null;
}

export interface Canvass {
  entries: Entry[];
  candidates: Candidate[];
  link_days: number;
}

export interface NewEntry {
  camera_id?: string;
  name?: string;
  address?: string;
  lat?: number;
  lon?: number;
  contact?: string;
  has_camera?: boolean | null;
  kept_days?: number | null;
  note?: string;
}

/** What is not given stays. */
export interface EntryChange {
  state?: EntryState;
  contact?: string;
  address?: string;
  lat?: number;
  lon?: number;
  has_camera?: boolean | null;
  kept_days?: number | null;
  note?: string;
}

export interface NewClipRequest {
  from: string;
  to: string;
  way: Way;
  days: number;
  document_number: string;
}

/** A request and its link, told this once: the hub keeps a hash of it alone. */
export interface ClipLink {
  request: ClipRequest;
  token: string;
  address: string;
  text: string;
  code: string;
}

export const readCanvass = (caseId: string, until?: AbortSignal): Promise<Canvass> => ask("GET", `/cases/${caseId}/canvass`, undefined, until);
export const addEntry = (caseId: string, made: NewEntry): Promise<Entry> => ask("POST", `/cases/${caseId}/canvass`, made);
export const changeEntry = (caseId: string, one: Entry, change: EntryChange): Promise<Entry> =>
  ask("PATCH", `/cases/${caseId}/canvass/${one.id}`, { ...change, expected_revision: one.revision });
export const askForClip = (caseId: string, entry: string, wanted: NewClipRequest): Promise<ClipLink> =>
  ask("POST", `/cases/${caseId}/canvass/${entry}/requests`, wanted);
export const renewLink = (caseId: string, id: string, days: number): Promise<ClipLink> =>
  ask("POST", `/cases/${caseId}/clip-requests/${id}/renew`, { days });
export const revokeLink = (caseId: string, id: string): Promise<ClipRequest> => ask("POST", `/cases/${caseId}/clip-requests/${id}/revoke`);

/** The form as HTML whose style is the hub's own file. */
export const requestPaper = (caseId: string, id: string, token: string): Promise<string> =>
  request("POST", `/cases/${caseId}/clip-requests/${id}/paper`, (answer) => answer.text(), { body: { token } });

export const CLOCK_METHODS = ["photo", "told", "event", "unknown"] as const;
export type ClockMethod = (typeof CLOCK_METHODS)[number];
export const UPLOAD_REFUSALS = ["not_needed", "other_time", "unreadable", "not_video", "unsafe"] as const;
export type UploadRefusal = (typeof UPLOAD_REFUSALS)[number];

export interface Examined {
  container: string;
  codec: string;
  width: number;
  height: number;
  duration_ms: number | null;
  pictures: number[];
  reason: string;
  played: boolean;
}

export interface Upload {
  id: string;
  request_id: string;
  entry_name: string;
  camera_id: string | null;
  from: string;
  to: string;
  state: "receiving" | "received" | "accepted" | "declined";
  given_name: string;
  bytes: number;
  sha256: string | null;
  giver: string;
  giver_contact: string;
  device: string;
  giver_note: string;
  unaltered: boolean;
  begun_at: string;
  received_at: string | null;
  has_clock_photo: boolean;
  clock_method: ClockMethod | null;
  clock_offset_ms: number | null;
  clock_uncertainty_ms: number | null;
  clock_by: string | null;
  shown_at: string | null;
  begins_at: string | null;
  verdict: "video" | "damaged" | "unreadable" | "not_video" | null;
  examined: Examined | null;
  judged_at: string | null;
  judged_by: string;
  refusal: UploadRefusal | null;
  judged_note: string;
  purged_at: string | null;
}

export interface UploadPicture {
  at_ms: number;
  url: string;
}

/** An upload that is looked at; `video` only of one that was taken and that browsers play. */
export interface Opened {
  upload: Upload;
  pictures: UploadPicture[];
  clock_photo: string | null;
  video: string | null;
}

export interface NewClock {
  method: ClockMethod;
  camera_time: string | null;
  true_time: string | null;
  uncertainty_s: number | null;
  shown_at: string | null;
}

/** A decoder looks at the file first, half a minute at the worst. */
const EXAMINE_MS = 60_000;

export const readUploads = async (caseId: string, until?: AbortSignal): Promise<Upload[]> =>
  (await ask<{ uploads: Upload[] }>("GET", `/cases/${caseId}/uploads`, undefined, until)).uploads;
export const openUpload = (caseId: string, id: string, until?: AbortSignal): Promise<Opened> =>
  request("POST", `/cases/${caseId}/uploads/${id}/look`, (answer) => answer.json() as Promise<Opened>, { signal: until, patienceMs: EXAMINE_MS });
export const readClock = (caseId: string, id: string, clock: NewClock): Promise<Upload> => ask("PUT", `/cases/${caseId}/uploads/${id}/clock`, clock);
export const acceptUpload = (caseId: string, id: string, despite: boolean, note: string): Promise<Upload> =>
  ask("POST", `/cases/${caseId}/uploads/${id}/accept`, { despite, note });
export const declineUpload = (caseId: string, id: string, why: UploadRefusal, note: string): Promise<Upload> =>
  ask("POST", `/cases/${caseId}/uploads/${id}/decline`, { why, note });
