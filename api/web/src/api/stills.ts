/** Film strips: small pictures of a camera by day, keyframes between two of them, and the vanish helper. */

import { ask, request } from "./client";
import type { RecordingGap, Stream } from "./recordings";

/** A part of the picture, in shares of its width and height. */
export interface Part {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export const WHOLE: Part = { x0: 0, y0: 0, x1: 1, y1: 1 };

export interface StripDay {
  /** UTC. */
  day: string;
  at: number[];
  url: string;
}

export interface Strip {
  camera_id: string;
  stream: Stream;
  /** 0: none is taken. */
  every_minutes: number;
  days: StripDay[];
  spans: { from: string; to: string }[];
  gaps: RecordingGap[];
  scenes: string[];
  hidden_until: string | null;
  earliest: string | null;
  latest: string | null;
}

/** What stands at a moment of a sheet: a picture, nothing recorded, or what cannot be read. */
export type What = "picture" | "none" | "unread";
const WHATS: readonly What[] = ["picture", "none", "unread"];

export interface Cell {
  wanted: number;
  /** When the picture was taken; 0 without one. */
  at: number;
  what: What;
  picture: Blob | null;
}

export type Answer = "in" | "out" | "unknown";
export type Level = "stills" | "keyframes";

export interface VanishStep {
  level: Level;
  at: number;
  answer: Answer;
  by: "machine" | "officer";
  fit_in: number | null;
  fit_out: number | null;
}

export interface Vanish {
  level: Level;
  steps: VanishStep[];
  last_in: number;
  first_out: number;
  ask: number | null;
  fit_in: number | null;
  fit_out: number | null;
  exact: boolean;
  asked: number;
  most: number;
}

const HEAD = 28;
const ROOT = "/api/v1";
const iso = (ms: number): string => new Date(ms).toISOString();

/** At most 31 days. */
export const readStrip = (camera: string, from: number, to: number, signal?: AbortSignal): Promise<Strip> =>
  ask("GET", `/cameras/${camera}/stills?${new URLSearchParams({ from: iso(from), to: iso(to) })}`, undefined, signal);

/** The pictures of a day, the first of every so many minutes. */
export const readSheet = (day: StripDay, apart: number, signal?: AbortSignal): Promise<Cell[]> =>
  request("GET", `${day.url.slice(ROOT.length)}&apart=${apart}`, async (answer) => unpack(await answer.arrayBuffer()), { signal });

/** One picture of a day's sheet, by the address that names it. */
export const readPicture = (url: string, signal?: AbortSignal): Promise<Blob | null> =>
  request("GET", url.slice(ROOT.length), async (answer) => unpack(await answer.arrayBuffer())[0]?.picture ?? null, { signal });

export interface Wanted {
  camera: string;
  from: number;
  to: number;
  count: number;
  part: Part;
  width: number;
  stream: Stream;
}

/** A part of up to 60 keyframes, one of each of as many equal stretches of at most 25 hours. */
export function readFrames({ camera, from, to, count, part, width, stream }: Wanted, signal?: AbortSignal): Promise<Cell[]> {
  const query = new URLSearchParams({ from: iso(from), to: iso(to), count: String(count), width: String(width), stream });
  for (const [name, value] of Object.entries(part)) query.set(name, value.toFixed(5));
  return request("GET", `/cameras/${camera}/frames?${query}`, async (answer) => unpack(await answer.arrayBuffer()), { signal });
}

/** Small copies of events' pictures, by the event's place in the list; at most 200. */
export const readSmall = (events: readonly string[], width: number, signal?: AbortSignal): Promise<Cell[]> =>
  request("POST", "/events/pictures", async (answer) => unpack(await answer.arrayBuffer()), { body: { event_ids: events, width }, signal });

export const goOn = (camera: string, from: number, to: number, part: Part, steps: readonly VanishStep[], signal?: AbortSignal): Promise<Vanish> =>
  ask("POST", `/cameras/${camera}/vanish`, { from: iso(from), to: iso(to), ...part, steps }, signal);

/** A sheet: of each picture a head of 28 bytes (`camera_hub/recall/stills/sheet.py`), then its bytes. */
export function unpack(data: ArrayBuffer): Cell[] {
  const view = new DataView(data);
  const cells: Cell[] = [];
  let at = 0;
  while (at + HEAD <= data.byteLength) {
    const size = view.getUint32(at + 24);
    const what = WHATS[view.getUint8(at + 20)] ?? "unread";
    const begin = at + HEAD;
    cells.push({
      wanted: Number(view.getBigInt64(at)),
      at: Number(view.getBigInt64(at + 8)),
      what,
      picture: what === "picture" && size > 0 ? new Blob([data.slice(begin, begin + size)]) : null,
    });
    at = begin + size;
  }
  return cells;
}
