/** What is taken out of the hub for a case: asked for, granted by another, made, fetched, handed over. */

import { type Approval, type ExportAsk, listApprovals } from "./cases";
import { ask, offline, request } from "./client";
import { readLines } from "./register";

export const RECIPIENTS = ["investigation", "prosecution", "court", "unit", "person", "public"] as const;
export type Recipient = (typeof RECIPIENTS)[number];
/** Who gets recordings as they were written; everybody else blurred copies. */
export const MASTERS: readonly Recipient[] = ["investigation", "prosecution"];

export const MEDIA = ["disc", "stick", "drive", "line", "paper"] as const;
export type Medium = (typeof MEDIA)[number];

export interface Custody {
  at: string;
  step: "made" | "fetched" | "handed" | "purged";
  by_name: string;
  by_unit: string;
  audit_no: number;
  recipient: string;
  recipient_unit: string;
  document: string;
  medium: Medium | null;
  told: boolean | null;
  handed_at: string | null;
  note: string;
}

export interface EvidenceExport {
  id: string;
  case_id: string;
  approval_id: string;
  asked: ExportAsk;
  version: number;
  name: string;
  supersedes: string | null;
  made_at: string;
  made_by: string;
  files: number;
  bytes: number;
  digest: string;
  manifest: string;
  key: string;
  left_out: number;
  kept_until: string;
  purged_at: string | null;
  custody: Custody[];
}

export interface Exports {
  exports: EvidenceExport[];
  fingerprint: string;
}

export interface HandOver {
  recipient: string;
  recipient_unit: string;
  document: string;
  medium: Medium;
  told: boolean;
  handed_at: string;
  note: string;
}

const MAKE_PATIENCE_MS = 1_800_000;

export const listExports = (case_id: string, until: AbortSignal): Promise<Exports> => ask("GET", `/cases/${case_id}/exports`, undefined, until);
export const exportUrl = async (id: string): Promise<string> => (await ask<{ url: string }>("POST", `/exports/${id}/url`, {})).url;
export const handOver = (id: string, told: HandOver): Promise<EvidenceExport> => ask("POST", `/exports/${id}/handovers`, told);

/** What one asked to take out of this case, or may decide about: the newest first. */
export const listExportAsks = async (case_id: string): Promise<(Approval & { asked: ExportAsk })[]> =>
  (await listApprovals()).approvals.filter((one): one is Approval & { asked: ExportAsk } => one.asked.kind === "export" && (one.asked as ExportAsk).case_id === case_id);

type Line = { done: number; total: number } | { export: EvidenceExport };

/** Has the hub make a pack; `stepped` hears how many bytes are in it. */
export const makeExport = (approval_id: string, stepped: (done: number, total: number) => void, signal: AbortSignal): Promise<EvidenceExport> =>
  request("POST", "/exports", (answer) => readMade(answer, stepped), { body: { approval_id }, signal, patienceMs: MAKE_PATIENCE_MS });

async function readMade(answer: Response, stepped: (done: number, total: number) => void): Promise<EvidenceExport> {
  let made: EvidenceExport | null = null;
  await readLines<Line>(answer, (line) => {
    if ("export" in line) made = line.export;
    else stepped(line.done, line.total);
  });
  if (made === null) throw offline();
  return made;
}

/** A moment of the case worth taking out. */
export interface Moment {
  id: string;
  camera_id: string;
  camera_name: string;
  at: string;
  kind: string;
  note: string;
  retracted: boolean;
}

export const caseMoments = async (case_id: string, until: AbortSignal): Promise<Moment[]> =>
  (await ask<{ bookmarks: Moment[] }>("GET", `/cases/${case_id}/bookmarks`, undefined, until)).bookmarks.filter((one) => !one.retracted);

/** The first 32 digits in fours, as they are printed and read aloud. */
export const grouped = (fingerprint: string): string => (fingerprint.slice(0, 32).match(/..../g) ?? []).join(" ");

/** A rectangle blurred by hand, in shares of the picture, from and to milliseconds of the clip. */
export interface Blur {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  from_ms: number;
  to_ms: number;
}

/** A blurred clip of an outward copy: nothing leaves before somebody looked at this revision. */
export interface Draft {
  id: string;
  item: number;
  revision: number;
  boxes: Blur[];
  frames: number;
  frame_ms: number;
  lasts_ms: number;
  width: number;
  height: number;
  found: number;
  begins_at: string;
  ends_at: string;
  bytes: number;
  digest: string;
  made_at: string;
  made_by: string;
  reviewed_at: string | null;
  reviewed_by: string;
}

export const listDrafts = async (approval_id: string, until?: AbortSignal): Promise<Draft[]> =>
  (await ask<{ drafts: Draft[] }>("GET", `/drafts?approval_id=${approval_id}`, undefined, until)).drafts;
export const frameUrl = (draft: Draft, number: number): string => `/api/v1/drafts/${draft.id}/frames/${number}?revision=${draft.revision}`;
export const reviewDraft = (draft: Draft): Promise<Draft> => ask("POST", `/drafts/${draft.id}/review`, { revision: draft.revision });

type DraftLine = { done: number; total: number } | { draft: Draft };

/** Has one item's blurred clip made; `stepped` hears how far it is. */
export const makeDraft = (
  approval_id: string,
  item: number,
  boxes: readonly Blur[],
  stepped: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Draft> => request("POST", "/drafts", (answer) => readDraft(answer, stepped), { body: { approval_id, item, boxes }, signal, patienceMs: MAKE_PATIENCE_MS });

async function readDraft(answer: Response, stepped: (done: number, total: number) => void): Promise<Draft> {
  let made: Draft | null = null;
  await readLines<DraftLine>(answer, (line) => {
    if ("draft" in line) made = line.draft;
    else stepped(line.done, line.total);
  });
  if (made === null) throw offline();
  return made;
}
