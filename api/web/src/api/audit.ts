/** The register of look-ups (调用登记): its rows, sums of it, its proof and its files, as in the hub's OpenAPI document. */

import { ask, request } from "./client";
import { readLines } from "./register";
import type { PurposeKind, Role } from "./types";

export const SORTS = ["search", "live", "playback", "clip", "picture"] as const;
export type Sort = (typeof SORTS)[number];

export const SIGNS = [
  "many_looks",
  "many_cameras",
  "off_hours",
  "vain",
  "one_householder",
  "many_clips",
  "refused_sign_in",
  "clock_back",
] as const;
export type Sign = (typeof SIGNS)[number];

export interface AuditRow {
  no: number;
  at: string;
  user: string;
  role: Role | null;
  unit: string;
  address: string;
  action: string;
  cameras: string[];
  span_from: string | null;
  span_to: string | null;
  purpose_kind: PurposeKind | null;
  case_number: string | null;
  reason: string;
  detail: string;
  result_count: number | null;
  consent_versions: string[];
  hash: string;
}

export interface Rows {
  rows: AuditRow[];
  /** Names by id. */
  cameras: Record<string, string>;
  next_cursor: string | null;
}

export interface Day {
  start: string;
  rows: number;
  by_sort: Partial<Record<Sort, number>>;
}

export interface Looked {
  user: string;
  unit: string;
  camera_id: string;
  camera_name: string;
  by_sort: Partial<Record<Sort, number>>;
  live_seconds: number;
  vain: number;
  cases: string[];
  first_at: string;
  last_at: string;
}

export interface Viewing {
  camera_id: string;
  camera_name: string;
  user: string;
  purpose_kind: PurposeKind;
  case_number: string | null;
  opened_at: string;
  closed_at: string | null;
  seconds: number;
  why: string;
}

export interface Finding {
  sign: Sign;
  user: string;
  unit: string;
  day: string;
  count: number;
  limit: number;
  camera_id: string | null;
  camera_name: string;
  rows: number[];
}

export interface Report {
  rows: number;
  policy: { off_from_hour: number; off_to_hour: number };
  findings: Finding[];
}

export interface Chain {
  no: number;
  hash: string;
  keep_years: number;
  anchors: { name: string; no: number; at: string }[];
}

export interface Proof {
  rows: number;
  of: number;
  done: boolean;
  broken_no: number | null;
  broken: "row_edited" | "row_missing" | "row_added" | "end_missing" | "anchor_differs" | null;
  anchors: number;
  anchored: number;
  back: number[];
  times_back: number;
  restores: number[];
}

export type AuditForm = "csv" | "jsonl";

/** A long register takes the hub a while. */
const PATIENCE_MS = 900_000;

export const listRows = (query: URLSearchParams, signal?: AbortSignal): Promise<Rows> =>
  ask("GET", `/audit?${query}`, undefined, signal);

export const listDays = async (query: URLSearchParams, signal?: AbortSignal): Promise<Day[]> =>
  (await ask<{ days: Day[] }>("GET", `/audit/days?${query}`, undefined, signal)).days;

export const listLooks = async (query: URLSearchParams, signal?: AbortSignal): Promise<Looked[]> =>
  (await ask<{ looks: Looked[] }>("GET", `/audit/looks?${query}`, undefined, signal)).looks;

export interface Viewings {
  viewings: Viewing[];
  next_cursor: string | null;
}

export const listViewings = (query: URLSearchParams, signal?: AbortSignal): Promise<Viewings> =>
  ask("GET", `/viewings?${query}`, undefined, signal);

export const misuse = (query: URLSearchParams, signal?: AbortSignal): Promise<Report> =>
  ask("GET", `/audit/misuse?${query}`, undefined, signal);

export const chain = (signal?: AbortSignal): Promise<Chain> => ask("GET", "/audit/chain", undefined, signal);

export const prove = (each: (line: Proof) => void, signal: AbortSignal): Promise<void> =>
  request("POST", "/audit/verify", (answer) => readLines(answer, each), { signal, patienceMs: PATIENCE_MS });

export const auditFile = (query: URLSearchParams): Promise<Blob> =>
  request("GET", `/audit/export?${query}`, (answer) => answer.blob(), { patienceMs: PATIENCE_MS });

export const verifier = (): Promise<Blob> => request("GET", "/audit/verifier", (answer) => answer.blob());
