/** Placement of cameras, their signs, filings, and what retention did, as in the hub's OpenAPI document. */

import { ask, request } from "./client";
import type { Kind } from "./types";

export const BASES = ["government", "unit_duty", "consent"] as const;
export type Basis = (typeof BASES)[number];
export const LACKS = ["forbidden", "checklist", "basis", "purpose", "agreement", "sign", "filing"] as const;
export type Lack = (typeof LACKS)[number];
export type FilingState = "not_needed" | "not_yet" | "due" | "filed" | "refile";
export const WANTINGS = ["incomplete", "overdue", "unfiled", "unsigned"] as const;
export type Wanting = (typeof WANTINGS)[number];

export interface Placement {
  camera_id: string;
  revision: number;
  basis: Basis | null;
  purpose: string;
  answers: Record<string, boolean>;
  answered_at: string | null;
  answered_by: string;
  near_sensitive: boolean;
  agreement: string;
  near_minors: boolean;
  filing_no: string;
  filed_on: string | null;
  filing: FilingState;
  due_at: string | null;
  overdue: boolean;
  sign_text: string;
  has_sign: boolean;
  sign_at: string | null;
  sign_by: string;
  active_since: string | null;
  grace_until: string | null;
  lacks: Lack[];
  forbidden: string[];
  bases: Basis[];
}

export interface PlacementChange {
  expected_revision: number;
  basis: Basis | null;
  purpose: string;
  answers: Record<string, boolean>;
  near_sensitive: boolean;
  agreement: string;
  near_minors: boolean;
  filing_no: string;
  filed_on: string | null;
  sign_text: string;
}

export interface Filed {
  camera_id: string;
  name: string;
  kind: Kind;
  village_code: string;
  village_name: string;
  manager_unit: string;
  enabled: boolean;
  placement: Placement;
}

export const getPlacement = (id: string, signal?: AbortSignal): Promise<Placement> =>
  ask("GET", `/cameras/${id}/placement`, undefined, signal);

export const changePlacement = (id: string, change: PlacementChange): Promise<Placement> =>
  ask("PATCH", `/cameras/${id}/placement`, change);

/** A photo as JPEG; a village's line is slow. */
export const putSign = (id: string, photo: Blob): Promise<Placement> =>
  request("PUT", `/cameras/${id}/sign`, async (answer) => (await answer.json()) as Placement, {
    body: new Blob([photo], { type: "application/octet-stream" }),
    patienceMs: 150_000,
  });

/** The photo; `at` makes a newer one another address. */
export const signOf = (id: string, at: string): string => `/api/v1/cameras/${id}/sign?${new URLSearchParams({ at })}`;

export const noticeOf = (id: string): string => `/api/v1/cameras/${id}/notice`;

export const listFilings = async (wanting: Wanting | null, signal?: AbortSignal): Promise<Filed[]> =>
  (await ask<{ filings: Filed[] }>("GET", `/filings${wanting ? `?wanting=${wanting}` : ""}`, undefined, signal)).filings;

export const filingSheet = (wanting: Wanting | null, language: "zh" | "en"): Promise<Blob> => {
  const query = new URLSearchParams({ language });
  if (wanting) query.set("wanting", wanting);
  return request("GET", `/filings/sheet?${query}`, (answer) => answer.blob());
};

export interface Purge {
  audit_no: number;
  at: string;
  what: "recordings" | "events" | "snapshots" | "marks" | "stills" | "uploads" | "exports" | "motion" | "bookmarks";
  cause: "age" | "quota" | "withdrawal" | "declined" | "abandoned";
  count: number;
  bytes: number | null;
  cameras: number | null;
  early: number;
  since: string | null;
  until: string | null;
}

export const listPurges = async (before: number | null, signal?: AbortSignal): Promise<Purge[]> =>
  (await ask<{ purges: Purge[] }>("GET", `/purges${before === null ? "" : `?before=${before}`}`, undefined, signal)).purges;

export interface Expiring {
  case_id: string;
  case_number: string;
  since: string;
  until: string;
  goes_at: string;
  cameras: { camera_id: string; name: string; goes_at: string }[];
}

export const listExpiring = async (signal?: AbortSignal): Promise<Expiring[]> =>
  (await ask<{ cases: Expiring[] }>("GET", "/recordings/expiring", undefined, signal)).cases;
