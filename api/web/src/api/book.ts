/** The camera book as the hub reads and writes it: a file is judged into a plan, and a plan applied. */

import { ask, request } from "./client";
import { readLines } from "./register";

/** Of the hub, `camera_hub.book.limits`. */
export const FILE_BYTES = 20 * 2 ** 20;

export interface Applied {
  added: number;
  changed: number;
  unchanged: number;
  skipped: number;
}

export interface Plan {
  id: string;
  file: string;
  kind: "xlsx" | "xls" | "csv";
  sheet: string;
  rows: number;
  add: number;
  change: number;
  unchanged: number;
  bad: number;
  devices_add: number;
  devices_change: number;
  faults: Record<string, number>;
  unknown_columns: string[];
  expires_at: string;
  applied: Applied | null;
}

export interface BadCell {
  row: number;
  column: string;
  heading: string;
  value: string;
  code: string;
  hint: string;
  params: Record<string, string | number>;
}

export interface Outcome {
  row: number;
  action: "add" | "change" | "unchanged";
  name: string;
  village_code: string;
  camera_id: string | null;
  changed: string[];
}

export type Shown = "bad" | "add" | "change";

export interface PlanRows {
  plan: Plan;
  total: number;
  bad: BadCell[];
  rows: Outcome[];
}

export interface Step {
  phase: "checking" | "writing";
  done: number;
  total: number;
}

export type PlanLine = { step: Step } | { plan: Plan };
export type ApplyLine = { step: Step } | { applied: Applied };

/** What the hub gives a file or a plan, and a slow line on top. */
const PATIENCE_MS = 300_000;

export function planOf(file: File, each: (line: PlanLine) => void, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ name: file.name.slice(-255) });
  const body = new Blob([file], { type: "application/octet-stream" });
  return request("POST", `/book/plans?${query}`, (answer) => readLines(answer, each), {
    body,
    signal,
    patienceMs: PATIENCE_MS,
  });
}

export function planRows(id: string, show: Shown, code: string, limit: number, signal?: AbortSignal): Promise<PlanRows> {
  const query = new URLSearchParams({ show, limit: String(limit), ...(code === "" ? {} : { code }) });
  return ask("GET", `/book/plans/${id}?${query}`, undefined, signal);
}

export const applyPlan = (id: string, skipBad: boolean, each: (line: ApplyLine) => void): Promise<void> =>
  request("POST", `/book/plans/${id}/apply`, (answer) => readLines(answer, each), {
    body: { skip_bad: skipBad },
    patienceMs: PATIENCE_MS,
  });

export type BookForm = "xlsx" | "csv";

export const bookFile = (form: BookForm, lang: string, empty: boolean): Promise<Blob> =>
  request("GET", `/book${empty ? "/template" : ""}?${new URLSearchParams({ format: form, lang })}`, (answer) => answer.blob(), {
    patienceMs: PATIENCE_MS,
  });
