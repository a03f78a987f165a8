/** Requests of relatives and owners to see recordings, and impact assessments. */

import { ask } from "./client";

export const RELATIONS = ["self", "relative", "guardian", "agent", "owner"] as const;
export type Relation = (typeof RELATIONS)[number];
export const ID_KINDS = ["resident", "household", "passport", "driving", "other"] as const;
export type IdKind = (typeof ID_KINDS)[number];
export const REFUSALS = ["not_entitled", "identity", "no_footage", "others", "case", "law", "too_wide"] as const;
export type Refusal = (typeof REFUSALS)[number];
export const DECISIONS = ["granted", "partly", "refused"] as const;
export type Decision = (typeof DECISIONS)[number] | "withdrawn";
export type RequestState = "received" | "decided" | "shown" | "closed";

export interface ViewingRequest {
  id: string;
  number: string;
  asker: string;
  relation: Relation;
  id_kind: IdKind;
  id_last4: string;
  contact: string;
  village_code: string | null;
  village_name: string | null;
  cameras: { camera_id: string; name: string; village_code: string; village_name: string }[];
  others: number;
  from: string;
  to: string;
  grounds: string;
  received_at: string;
  received_by: string;
  due_at: string;
  held_until: string | null;
  decision: Decision | null;
  refusal: Refusal | null;
  decision_text: string;
  decided_at: string | null;
  decided_by: string;
  shown_how: "office" | "copy" | null;
  shown_at: string | null;
  shown_by: string;
  closed_at: string | null;
  closed_by: string;
  closing_note: string;
  state: RequestState;
  overdue: boolean;
}

export interface NewRequest {
  asker: string;
  relation: Relation;
  id_kind: IdKind;
  id_last4: string;
  contact: string;
  village_code: string | null;
  camera_ids: string[];
  from: string;
  to: string;
  grounds: string;
  received_at: string | null;
  hold: boolean;
}

export const listRequests = async (until?: AbortSignal): Promise<ViewingRequest[]> =>
  (await ask<{ requests: ViewingRequest[] }>("GET", "/requests", undefined, until)).requests;
export const receiveRequest = (made: NewRequest): Promise<ViewingRequest> => ask("POST", "/requests", made);

const step = (name: string) => (id: string, body?: object): Promise<ViewingRequest> => ask("POST", `/requests/${id}/${name}`, body);
export const decideRequest = step("decide");
export const withdrawRequest = step("withdraw");
export const showRequest = step("show");
export const closeRequest = step("close");

export interface Review {
  document_number: string;
  approved_by: string;
  assessed_at: string;
  review_at: string | null;
}

export interface Assessment extends Review {
  id: string;
  about: "deployment" | "analytic";
  title: string;
  review_at: string;
  ended_at: string | null;
  overdue: boolean;
}

export const listAssessments = (until?: AbortSignal): Promise<{ assessments: Assessment[]; review_days: number }> =>
  ask("GET", "/assessments", undefined, until);
export const createAssessment = (made: Review & Pick<Assessment, "about" | "title">): Promise<Assessment> => ask("POST", "/assessments", made);
export const reviewAssessment = (id: string, made: Review): Promise<Assessment> => ask("POST", `/assessments/${id}/review`, made);
export const endAssessment = (id: string): Promise<Assessment> => ask("POST", `/assessments/${id}/end`);
