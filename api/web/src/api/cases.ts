/** Cases as they are opened and changed, and approvals: what one asks for and another decides. */

import { ask } from "./client";
import type { Point } from "./register";
import type { Case, Kind, Offence, Person } from "./types";

export interface CaseBody {
  number: string;
  title: string;
  offence: Offence;
  offence_text: string;
  places: string[];
  starts_at: string;
  ends_at: string;
  responsible_id: string;
  member_ids: string[];
  expires_at: string;
}

export type NewCase = Partial<CaseBody> & { number: string; title: string };

export const readCase = (id: string, until: AbortSignal): Promise<Case> => ask("GET", `/cases/${id}`, undefined, until);
export const createCase = (made: NewCase): Promise<Case> => ask("POST", "/cases", made);
export const changeCase = (id: string, revision: number, change: Partial<CaseBody>): Promise<Case> =>
  ask("PATCH", `/cases/${id}`, { ...change, expected_revision: revision });
export const closeCase = (id: string): Promise<Case> => ask("POST", `/cases/${id}/close`);
export const casePeople = async (): Promise<Person[]> => (await ask<{ people: Person[] }>("GET", "/cases/people")).people;

export const APPROVAL_STATES = ["asked", "granted", "refused", "withdrawn", "revoked", "expired"] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** To look further than a case: these places between these times. */
export interface ReachAsk {
  kind: "reach";
  case_id: string;
  places: string[];
  starts_at: string;
  ends_at: string;
  hours: number;
}

/** To hide less of a camera's picture; `lasts_hours` later the masks of before come back, null: they do not. */
export interface UnmaskAsk {
  kind: "unmask";
  camera_id: string;
  old_masks: Point[][];
  masks: Point[][];
  hours: number;
  lasts_hours: number | null;
}

/** To see, under a case, what a camera recorded before a mask was drawn. */
export interface EarlierAsk {
  kind: "earlier";
  case_id: string;
  camera_id: string;
  starts_at: string;
  ends_at: string;
  hours: number;
}

export interface ExportItem {
  camera_id: string;
  starts_at: string;
  ends_at: string;
  stream: "sub" | "main";
}

/** To take footage of a case out: what, for whom, on which document and ground. */
export interface ExportAsk {
  kind: "export";
  case_id: string;
  items: ExportItem[];
  recipient: string;
  recipient_kind: "investigation" | "prosecution" | "court" | "unit" | "person" | "public";
  document: string;
  purpose: string;
  legal_basis: string;
  /** Also what people sent in and the case took. */
  received: boolean;
  hours: number;
}

/** A kind this page has no form for is shown by its name. */
export type Asked = ReachAsk | UnmaskAsk | EarlierAsk | ExportAsk | { kind: string; hours: number };

export const isUnmask = (asked: Asked): asked is UnmaskAsk => asked.kind === "unmask";
export const isEarlier = (asked: Asked): asked is EarlierAsk => asked.kind === "earlier";
export const isExport = (asked: Asked): asked is ExportAsk => asked.kind === "export";
export const isReach = (asked: Asked): asked is ReachAsk => asked.kind === "reach";

export interface Approval {
  id: string;
  revision: number;
  asked: Asked;
  case_number: string | null;
  requester: string;
  requester_name: string;
  requester_unit: string;
  reason: string;
  asked_at: string;
  waits_until: string;
  state: ApprovalState;
  decided_by: string | null;
  decided_at: string | null;
  decision: string;
  ends_at: string | null;
  ended_by: string | null;
  ended_at: string | null;
  ending: string;
  decidable: boolean;
}

export interface Approvals {
  approvals: Approval[];
  waiting: number;
}

export const listApprovals = (): Promise<Approvals> => ask("GET", "/approvals");
export const approvalsWaiting = async (until: AbortSignal): Promise<number> =>
  (await ask<{ waiting: number }>("GET", "/approvals/waiting", undefined, until)).waiting;
export const askApproval = (asked: ReachAsk | UnmaskAsk | EarlierAsk | ExportAsk, reason: string): Promise<Approval> => ask("POST", "/approvals", { asked, reason });
export const decideApproval = (one: Approval, granted: boolean, reason: string): Promise<Approval> =>
  ask("POST", `/approvals/${one.id}/decide`, { granted, reason, expected_revision: one.revision });
export const endApproval = (one: Approval, how: "withdraw" | "revoke", reason: string): Promise<Approval> =>
  ask("POST", `/approvals/${one.id}/${how}`, { reason, expected_revision: one.revision });

/** A camera that a case's members look for it on. */
export interface CaseCamera {
  camera_id: string;
  name: string;
  kind: Kind;
  village_code: string;
  village_name: string;
  lat: number | null;
  lon: number | null;
  removed: boolean;
  chosen_by: string;
  chosen_at: string;
}

export const caseCameras = async (id: string, until?: AbortSignal): Promise<CaseCamera[]> =>
  (await ask<{ cameras: CaseCamera[] }>("GET", `/cases/${id}/cameras`, undefined, until)).cameras;
export const chooseCameras = async (id: string, choice: { add?: string[]; drop?: string[] }): Promise<CaseCamera[]> =>
  (await ask<{ cameras: CaseCamera[] }>("POST", `/cases/${id}/cameras`, choice)).cameras;

export const ITEMS = [
  "sheep",
  "cattle",
  "pig",
  "poultry",
  "ebike",
  "tricycle",
  "motorcycle",
  "car",
  "pump",
  "cable",
  "tools",
  "crops",
  "supplies",
  "valuables",
  "other",
] as const;
export type Item = (typeof ITEMS)[number];
export const CERTAINTIES = ["sure", "about", "guess"] as const;
export type Certainty = (typeof CERTAINTIES)[number];
export const MANNERS = ["stolen", "strayed", "unknown"] as const;
export type Manner = (typeof MANNERS)[number];

/** What is told of a loss. */
export interface Told {
  item: Item;
  where: { lat: number; lon: number };
  last_seen_at: string;
  found_at: string;
  certainty: Certainty;
  manner: Manner;
  item_text?: string;
  note?: string;
}

export interface NewReport extends Told {
  number?: string;
  title?: string;
  responsible_id?: string;
}

export interface Report {
  /** 1 is what was told first. */
  version: number;
  item: Item;
  item_text: string;
  lat: number;
  lon: number;
  last_seen_at: string;
  found_at: string;
  certainty: Certainty;
  manner: Manner;
  note: string;
  reported_by: string;
  reported_at: string;
}

export interface Reported {
  case: Case;
  report: Report;
  /** What was told before and amended since, the newest first. */
  earlier: Report[];
  /** Its number is not the force's own yet. */
  provisional: boolean;
  held: number;
  /** When the first of the held footage would have gone by its age. */
  first_goes_at: string | null;
}

export interface Handover {
  before: Person | null;
  after: Person;
  note: string;
  handed_by: string;
  handed_at: string;
}

export interface CaseReport {
  reported: Reported | null;
  handovers: Handover[];
}

/** What a report of a point would hold. */
export interface Reach {
  village_code: string | null;
  places: string[];
  cameras: number;
  first_goes_at: string | null;
}

export const reachOf = (at: { lat: number; lon: number }, from: string, to: string, until: AbortSignal): Promise<Reach> =>
  ask("GET", `/cases/reach?${new URLSearchParams({ lat: String(at.lat), lon: String(at.lon), last_seen_at: from, found_at: to })}`, undefined, until);
export const reportCase = (made: NewReport): Promise<Reported> => ask("POST", "/cases/report", made);
/** Refused (`case_stale`) where somebody changed the case since it was read. */
export const amendReport = (id: string, revision: number, told: Told): Promise<Reported> =>
  ask("PUT", `/cases/${id}/report`, { ...told, expected_revision: revision });
export const readReport = (id: string, until: AbortSignal): Promise<CaseReport> => ask("GET", `/cases/${id}/report`, undefined, until);
export const handOver = (one: Case, to: string, note: string): Promise<Case> =>
  ask("POST", `/cases/${one.id}/handover`, { to_id: to, note, expected_revision: one.revision });

export const MODES = ["foot", "ebike", "van"] as const;
export type Mode = (typeof MODES)[number];

export interface Lacking {
  from: string;
  to: string;
  cause: string;
}

/** What there is of a camera in the case's window. */
export interface Facts {
  recorded_s: number;
  on_event: boolean;
  gaps: Lacking[];
  more_gaps: number;
  /** What analysis watched, by the motion index; and when it did not. */
  analysed_s: number;
  unwatched: Lacking[];
  more_unwatched: number;
}

export interface NearCamera {
  camera_id: string;
  name: string;
  kind: Kind;
  village_code: string;
  village_name: string;
  lat: number | null;
  lon: number | null;
  bearing_deg: number | null;
  view_angle_deg: number | null;
  metres: number | null;
  /** null: it is on no map. */
  how: "road" | "straight" | "beyond" | "unreachable" | null;
  minutes: number | null;
  /** null: nobody wrote down where it looks. */
  sees: boolean | null;
  entrances: string[];
  /** Whether the case reaches its village. */
  reached: boolean;
  consent: "not_needed" | "given" | "partly" | "ask";
  playable: boolean;
  clock_offset_ms: number | null;
  chosen: boolean;
  facts: Facts | null;
}

export interface Nearby {
  lat: number;
  lon: number;
  mode: Mode;
  minutes: number;
  /** How far one gets in that time. */
  within_m: number;
  from: string;
  to: string;
  window_s: number;
  by_road: boolean;
  cameras: NearCamera[];
  more: number;
}

export const nearCameras = (id: string, mode: Mode, minutes: number, until: AbortSignal): Promise<Nearby> =>
  ask("GET", `/cases/${id}/nearby?mode=${mode}&minutes=${minutes}`, undefined, until);
