/** Events: what the hub is asked besides searching them: marks, files, neighbours, the scene of their time. */

import { ask, request } from "./client";
import type { EventPage, HubEvent, Verdict } from "./types";

export const putMark = (id: string, mark: { verdict: Verdict | null; note: string }): Promise<HubEvent> =>
  ask("PUT", `/events/${id}/mark`, mark);

export type FileForm = "xlsx" | "csv";

export interface EventFile {
  blob: Blob;
  name: string;
  rows: number;
  /** There were more than the hub puts into one file. */
  cut: boolean;
}

/** The hub gives an export two minutes; a slow line may need as long again. */
const EXPORT_PATIENCE_MS = 300_000;

/** `arrived` hears how much of the file has come, in bytes, and of how much where that is known. */
export function exportEvents(
  query: URLSearchParams,
  arrived: (bytes: number, of: number | null) => void,
  signal: AbortSignal,
): Promise<EventFile> {
  return request(
    "GET",
    `/events/export?${query}`,
    async (answer) => {
      const of = Number(answer.headers.get("Content-Length")) || null;
      const blob = await gather(answer, (bytes) => arrived(bytes, of));
      const name = /filename="([\w.-]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "events";
      return { blob, name, rows: Number(answer.headers.get("X-Rows")), cut: answer.headers.get("X-Cut") === "true" };
    },
    { signal, patienceMs: EXPORT_PATIENCE_MS },
  );
}

async function gather(answer: Response, arrived: (bytes: number) => void): Promise<Blob> {
  const type = answer.headers.get("Content-Type") ?? "";
  const reader = answer.body?.getReader();
  const parts: BlobPart[] = [];
  let bytes = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    bytes += part.value.length;
    arrived(bytes);
  }
  return new Blob(parts, { type });
}

const found = async (query: Record<string, string>, signal: AbortSignal): Promise<HubEvent[]> =>
  (await ask<EventPage>("GET", `/events?${new URLSearchParams(query)}`, undefined, signal)).events;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

export interface Around {
  before: HubEvent[];
  after: HubEvent[];
  /** Of other cameras of the village, within a minute. */
  beside: HubEvent[];
}

/** What the same camera saw before and after (half a day each way), and the village's other cameras at that minute. */
export async function around(event: HubEvent, signal: AbortSignal): Promise<Around> {
  const at = Date.parse(event.started_at);
  const camera = event.camera_id;
  const [before, after, beside] = await Promise.all([
    found({ camera, since: iso(at - 12 * HOUR_MS), until: iso(at + 1), limit: "4", order: "newest" }, signal),
    found({ camera, since: iso(at), until: iso(at + 12 * HOUR_MS), limit: "4", order: "oldest" }, signal),
    found({ place: event.village_code, since: iso(at - MINUTE_MS), until: iso(at + MINUTE_MS), limit: "30", order: "oldest" }, signal),
  ]);
  const others = (list: HubEvent[]): HubEvent[] => list.filter((one) => one.id !== event.id).slice(0, 3);
  return {
    before: others(before).reverse(),
    after: others(after),
    beside: beside.filter((one) => one.camera_id !== camera).slice(0, 12),
  };
}

type Point = [number, number];

/** As much of a scene as is drawn over a picture; points are shares of the picture. */
export interface SceneThen {
  zones: { id: string; name: string; points: Point[] }[];
  lines: { id: string; name: string; a: Point; b: Point }[];
  rules: { id: string; zone: string | null; line: string | null }[];
}

/** The camera's scene as it was when the event was found. */
export const sceneOf = async (event: HubEvent, signal: AbortSignal): Promise<SceneThen> =>
  (
    await ask<{ scene: SceneThen }>(
      "GET",
      `/cameras/${event.camera_id}/scene?revision=${event.scene_revision}`,
      undefined,
      signal,
    )
  ).scene;
