/** Bookmarks of a case: moments of cameras with the frame that was seen, in versions. */

import { ask } from "./client";
import type { Stream } from "./recordings";

export const BOOKMARK_KINDS = ["sighting", "negative", "lead"] as const;
export type BookmarkKind = (typeof BOOKMARK_KINDS)[number];
export const CONFIDENCES = ["certain", "likely", "possible", "unknown"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What somebody sent in that a bookmark is of: so long after its first frame, by a clock that was so far ahead. */
export interface MarkedUpload {
  id: string;
  name: string;
  camera_id: string | null;
  giver: string;
  device: string;
  sha256: string;
  clip_ms: number;
  clock_offset_ms: number | null;
  clock_uncertainty_ms: number | null;
  lat: number | null;
  lon: number | null;
}

export interface Bookmark {
  id: string;
  case_id: string;
  /** Null of what somebody sent in: `upload` tells of it. */
  camera_id: string | null;
  camera_name: string;
  village_name: string;
  at: string;
  kind: BookmarkKind;
  confidence: Confidence;
  note: string;
  author: string;
  created_at: string;
  version: number;
  supersedes: string | null;
  superseded_by: string | null;
  retracted: boolean;
  event_id: string | null;
  clock_offset_ms: number | null;
  still_why: string;
  still_url: string | null;
  frame_digest: string | null;
  upload: MarkedUpload | null;
}

/** What one says of a moment. */
export interface Saying {
  kind: BookmarkKind;
  confidence: Confidence;
  note: string;
}

/** A moment of a camera, an event, or a moment of what somebody sent in. */
export type Subject = { camera_id: string; at: string; stream: Stream } | { event_id: string } | { upload_id: string; clip_ms: number };

const of = (caseId: string): string => `/cases/${caseId}/bookmarks`;

export const listBookmarks = async (caseId: string, superseded: boolean, until?: AbortSignal): Promise<Bookmark[]> =>
  (await ask<{ bookmarks: Bookmark[] }>("GET", `${of(caseId)}?superseded=${String(superseded)}`, undefined, until)).bookmarks;

export const addBookmark = (caseId: string, subject: Subject, saying: Saying): Promise<Bookmark> => ask("POST", of(caseId), { ...subject, ...saying });

export const supersedeBookmark = (one: Bookmark, saying: Saying, retracted: boolean): Promise<Bookmark> =>
  ask("POST", `${of(one.case_id)}/${one.id}/supersede`, { ...saying, retracted });
