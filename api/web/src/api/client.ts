/** One typed way to the hub: JSON in and out, problem+json turned into `Problem`, the session's token on every change. */

import { hubClock } from "./hubclock";
import type {
  Bucket,
  Camera,
  Case,
  EventPage,
  Health,
  HubEvent,
  Place,
  Purpose,
  PurposeKind,
  Session,
  Watched,
} from "./types";

const ROOT = "/api/v1";
const PATIENCE_MS = 20_000;
/** A header tells the hub's time in whole seconds. */
const SECOND_MS = 1_000;

/** The hub's answer when it refuses or fails; `code` is stable and translated by the page. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Record<string, string | number>;
  readonly fields: FieldProblem[];

  constructor(
    status: number,
    code: string,
    title: string,
    params: Record<string, string | number> = {},
    fields: FieldProblem[] = [],
  ) {
    super(title);
    this.status = status;
    this.code = code;
    this.params = params;
    this.fields = fields;
  }
}

export interface FieldProblem {
  path: string;
  code: string;
  hint: string;
}

/** Status 0: no answer at all (hub down, network gone, or patience over). */
export const offline = (): Problem => new Problem(0, "offline", "The hub does not answer");

let csrf = "";
/** The purpose on the session, by id. */
let look: string | null = null;
/** What the hub says of a purpose that is no more. */
const OVER: readonly string[] = ["purpose_required", "purpose_closed"];

export interface Wanted {
  /** A File or Blob goes as it is, anything else as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** How long the whole answer may take. */
  patienceMs?: number;
}

/** Asks the hub and hands its answer to `read`, for what is no JSON: pictures, files, lines. Refusals are thrown as Problem. */
export async function request<T>(
  method: string,
  path: string,
  read: (answer: Response) => Promise<T>,
  { body, signal, patienceMs = PATIENCE_MS }: Wanted = {},
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json, */*;q=0.5" };
  const asIs = body instanceof Blob;
  if (asIs) headers["Content-Type"] = body.type || "application/octet-stream";
  else if (body !== undefined) headers["Content-Type"] = "application/json";
  const [under, looked] = [csrf, look];
  if (method !== "GET") headers["X-CSRF-Token"] = under;
  const patience = new AbortController();
  const giveUp = (): void => patience.abort();
  const limit = setTimeout(giveUp, patienceMs);
  signal?.addEventListener("abort", giveUp);
  try {
    const asked = Date.now();
    const answer = await fetch(ROOT + path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: patience.signal,
      ...(body === undefined ? {} : { body: asIs ? body : JSON.stringify(body) }),
    });
    const at = Date.parse(answer.headers.get("Date") ?? "");
    if (!Number.isNaN(at)) hubClock.hear(at, asked, SECOND_MS);
    const told = answer.ok ? await read(answer) : problemOf(answer.status, parse(await answer.text()));
    // Asked under a session that ended meanwhile: the one that came after it neither ends with it nor shows what it was told.
    if (under !== "" && under !== csrf) throw offline();
    if (!(told instanceof Problem)) return told;
    // Nor does a purpose end with the one before it.
    throw looked !== look && OVER.includes(told.code) ? offline() : told;
  } catch (err) {
    if (signal?.aborted || err instanceof Problem) throw err;
    throw offline();
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener("abort", giveUp);
  }
}

export const ask = <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  request(method, path, async (answer) => parse(await answer.text()) as T, { body, signal });

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's HTML page: the status alone has to do
  }
}

/** A refusal as the hub words it, or its status alone where something else answered. */
export function problemOf(status: number, json: unknown): Problem {
  const said = (json ?? {}) as Partial<{
    code: string;
    title: string;
    params: Record<string, string | number>;
    fields: FieldProblem[];
  }>;
  return new Problem(status, said.code ?? `http_${status}`, said.title ?? `HTTP ${status}`, said.params, said.fields);
}

function keep(session: Session): Session {
  csrf = session.csrf;
  look = session.purpose?.id ?? null;
  return session;
}

/** Null when nobody is signed in. */
export async function currentSession(): Promise<Session | null> {
  try {
    return keep(await ask<Session>("GET", "/session"));
  } catch (err) {
    if (err instanceof Problem && err.status === 401) return null;
    throw err;
  }
}

export const signIn = async (name: string, password: string, code: string | null = null): Promise<Session> =>
  keep(await ask<Session>("POST", "/session", code === null ? { name, password } : { name, password, code }));

export const signOut = (): Promise<void> => ask("DELETE", "/session");

export async function setPurpose(id: string | null): Promise<void> {
  await ask("PUT", "/session/purpose", { purpose_id: id });
  look = id;
}

export interface NewPurpose {
  kind: PurposeKind;
  reason: string;
  case_id?: string;
  approval_id?: string;
  camera_ids?: readonly string[];
}

export const openPurpose = (wanted: NewPurpose): Promise<Purpose> => ask("POST", "/purposes", wanted);

/** One's own open purposes. */
export const listPurposes = async (): Promise<Purpose[]> =>
  (await ask<{ purposes: Purpose[] }>("GET", "/purposes")).purposes;

export const closePurpose = (id: string): Promise<unknown> => ask("POST", `/purposes/${id}/close`);

export const listCases = async (): Promise<Case[]> => (await ask<{ cases: Case[] }>("GET", "/cases")).cases;

export const listPlaces = async (): Promise<Place[]> => (await ask<{ places: Place[] }>("GET", "/places")).places;

export const listCameras = async (signal?: AbortSignal): Promise<Camera[]> =>
  (await ask<{ cameras: Camera[] }>("GET", "/cameras", undefined, signal)).cameras;

export const searchEvents = (query: URLSearchParams, signal?: AbortSignal): Promise<EventPage> =>
  ask("GET", `/events?${query}`, undefined, signal);

export const histogram = async (query: URLSearchParams, signal?: AbortSignal): Promise<Bucket[]> =>
  (await ask<{ buckets: Bucket[] }>("GET", `/events/histogram?${query}`, undefined, signal)).buckets;

export const watchedOf = (query: URLSearchParams, signal?: AbortSignal): Promise<Watched> =>
  ask("GET", `/events/watched?${query}`, undefined, signal);

export const getEvent = (id: string, signal?: AbortSignal): Promise<HubEvent> =>
  ask("GET", `/events/${id}`, undefined, signal);

export const health = (signal?: AbortSignal): Promise<Health> => ask("GET", "/health", undefined, signal);

/** The picture under the session's own purpose, for when a list's five-minute ticket has run out. */
export const pictureOf = (id: string): string => `${ROOT}/events/${id}/snapshot`;

export function streamAddress(path: string): string {
  const at = new URL(ROOT + path, location.href);
  at.protocol = at.protocol === "https:" ? "wss:" : "ws:";
  return at.href;
}
