/** A small hub for unit tests: answers of `fetch` by path, a WebSocket one drives by hand, and events to send. */

import { vi } from "vitest";
import type { Camera, HubEvent, Session } from "../src/api/types";

export type Answer = { status?: number; body?: unknown; text?: string; headers?: Record<string, string> } | "down";
export type Asked = { method: string; path: string; query: URLSearchParams; body: unknown; headers: Headers };

/** Replaces `fetch`; `answer` gets each request. Returns the list of requests made. */
export function serve(answer: (asked: Asked) => Answer | Promise<Answer>): Asked[] {
  const made: Asked[] = [];
  vi.stubGlobal("fetch", async (input: string, init: RequestInit) => {
    const url = new URL(input, "http://hub");
    const asked: Asked = {
      method: init.method ?? "GET",
      path: url.pathname.replace("/api/v1", ""),
      query: url.searchParams,
      body: typeof init.body === "string" ? JSON.parse(init.body) : null,
      headers: new Headers(init.headers),
    };
    made.push(asked);
    const said = await answer(asked);
    if (init.signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (said === "down") throw new TypeError("connection refused");
    return new Response(said.text ?? (said.body === undefined ? null : JSON.stringify(said.body)), {
      status: said.status ?? 200,
      headers: said.headers ?? {},
    });
  });
  return made;
}

/** Stands for the browser's WebSocket; the newest one made is the last of `Socket.made`. */
export class Socket {
  static made: Socket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((end: { code: number }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    Socket.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(said: unknown): void {
    this.onmessage?.({ data: JSON.stringify(said) });
  }
}

let serial = 0;

export function anEvent(change: Partial<HubEvent> = {}): HubEvent {
  serial += 1;
  const id = `0199-${String(serial).padStart(6, "0")}`;
  const at = new Date(Date.UTC(2026, 10, 23, 12, 0, serial)).toISOString();
  return {
    id,
    revision: 1,
    camera_id: "c1",
    camera_name: "东口",
    camera_kind: "public",
    village_code: "220882100200",
    village_name: "汉书村",
    kind: "object",
    rule_id: "object",
    rule_name: "目标出现",
    scene_revision: 0,
    label: "person",
    group: "person",
    score: 0.91,
    box: { x0: 0.25, y0: 0.5, x1: 0.5, y1: 1 },
    path: [
      [0.3, 0.9],
      [0.4, 1],
    ],
    direction: null,
    started_at: at,
    updated_at: at,
    ended_at: null,
    received_at: at,
    has_snapshot: true,
    snapshot_at: at,
    has_still: false,
    still_at: null,
    model: "centernet",
    clock_offset_ms: null,
    mark: null,
    snapshot_url: `/api/v1/events/${id}/snapshot?ticket=t`,
    still_url: null,
    ...change,
  };
}

export function aCamera(change: Partial<Camera> = {}): Camera {
  return {
    id: "c1",
    device_id: "d1",
    name: "东口",
    kind: "public",
    village_code: "220882100200",
    village_name: "汉书村",
    lat: 45.7312,
    lon: 123.9411,
    bearing_deg: 90,
    view_angle_deg: 70,
    coord_source: "wgs84",
    hamlet: "",
    address: "",
    pole: "",
    main_url: null,
    sub_url: "rtsp://192.0.2.10/1",
    tier: "auto",
    record_mode: null,
    record_stream: null,
    record_days: null,
    event_days: null,
    gb_id: null,
    manager_unit: "月亮泡派出所",
    owner_name: "",
    owner_contact: "",
    probe_mac: "",
    enabled: true,
    note: "",
    revision: 1,
    created_at: "2026-11-01T00:00:00Z",
    warnings: [],
    status: {
      state: "live",
      reason: null,
      detail: "",
      since: "2026-11-23T12:00:00Z",
      codec: "h264",
      width: 640,
      height: 360,
      fps: 15,
      last_frame_at: "2026-11-23T12:00:00Z",
      picture: null,
      picture_since: null,
      recording: null,
    },
    ...change,
  };
}

export function aSession(change: Partial<Session> = {}): Session {
  return {
    user: {
      id: "u1",
      name: "li",
      display_name: "李警官",
      unit: "",
      role: "officer",
      grants: ["220882"],
      units: [],
      station: null,
      team: null,
      trained_at: null,
      pledged_at: null,
      duties: [],
      two_factors: false,
      enrol: false,
      locked_until: null,
      active: true,
      created_at: "2026-11-01T00:00:00Z",
    },
    timezone: "Asia/Shanghai",
    csrf: "token",
    expires_at: "2026-11-24T00:00:00Z",
    purpose: {
      id: "p1",
      kind: "patrol",
      case_id: null,
      case_number: null,
      case_title: null,
      approval_id: null,
      reason: "夜间巡查",
      opened_at: "2026-11-23T12:00:00Z",
      expires_at: "2026-11-24T00:00:00Z",
      closed_at: null,
      places: null,
      since: null,
      until: null,
      looks_back_hours: 24,
      cameras: null,
    },
    permissions: ["see_cameras", "see_events", "watch_health", "open_case", "open_patrol", "manage_cases"],
    ...change,
  };
}

/** An answer that comes when a test lets it. */
export function held(): { answer: Promise<Answer>; give: (answer: Answer) => void } {
  let give: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>((done) => (give = done));
  return { answer, give };
}

/** Lets pending promises finish. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}
