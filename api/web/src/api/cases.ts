/** Cases as they are opened and changed, and approvals: what one asks for and another decides. */

import { ask } from "./client";
import type { Point } from "./register";
import type { Case, Offence, Person } from "./types";

export interface CaseBody {
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

/** A kind this page has no form for is shown by its name. */
export type Asked = ReachAsk | UnmaskAsk | EarlierAsk | { kind: string; hours: number };

export const isUnmask = (asked: Asked): asked is UnmaskAsk => asked.kind === "unmask";
export const isEarlier = (asked: Asked): asked is EarlierAsk => asked.kind === "earlier";
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
export const askApproval = (asked: ReachAsk | UnmaskAsk | EarlierAsk, reason: string): Promise<Approval> => ask("POST", "/approvals", { asked, reason });
export const decideApproval = (one: Approval, granted: boolean, reason: string): Promise<Approval> =>
  ask("POST", `/approvals/${one.id}/decide`, { granted, reason, expected_revision: one.revision });
export const endApproval = (one: Approval, how: "withdraw" | "revoke", reason: string): Promise<Approval> =>
  ask("POST", `/approvals/${one.id}/${how}`, { reason, expected_revision: one.revision });
