/** What an owner may ask of the hub. The link's secret stands in the fragment and goes in a header: it is in no log. */

export interface Consent {
  owner_name: string;
  state: "invited" | "signed" | "active" | "paused" | "expired" | "withdrawn";
  scopes: string[];
  purpose: string;
  from_minute: number | null;
  to_minute: number | null;
  masks: unknown[];
  valid_from: string;
  valid_to: string | null;
  reconfirm_by: string | null;
  signed_at: string | null;
}

export interface Used {
  day: string;
  use: string;
  unit: string;
  purpose: string | null;
  times: number;
}

/** A clip he was asked for; the link to send it on came to him by itself. */
export interface Asked {
  from: string;
  to: string;
  case_number: string;
  unit: string;
  asked_at: string;
  expires_at: string;
  state: "open" | "used" | "expired" | "revoked";
  /** How many files stand where: `received`, `accepted`, `declined`. */
  uploads: Record<string, number>;
}

export interface OwnerView {
  consent: Consent;
  camera_name: string;
  village_name: string;
  unit: string;
  may: string[];
  used: Used[];
  told_after_days: number;
  asked: Asked[];
}

interface Kept {
  events: number;
  recordings: number;
  marks: number;
  stills: number;
  motion: number;
}

export interface Receipt {
  number: string;
  at: string;
  by_owner: boolean;
  stopped: boolean;
  credentials: boolean;
  purge_by: string | null;
  purged: Kept;
  left: Kept | null;
  held_until: string | null;
}

/** A stable code: `owner_link` for a void link, `offline` without an answer. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/owner${path}`, {
      method,
      headers: { "X-Owner-Link": location.hash.slice(1), ...(body ? { "Content-Type": "application/json" } : {}) },
      credentials: "omit",
      cache: "no-store",
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new Refused("offline");
  }
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { code?: string };
  throw new Refused(said.code ?? `http_${answer.status}`);
}

export const view = async (): Promise<OwnerView> => (await call("GET", "")).json() as Promise<OwnerView>;

export const step = async (what: "pause" | "resume"): Promise<OwnerView> =>
  (await call("POST", "/steps", { step: what })).json() as Promise<OwnerView>;

export const withdraw = async (): Promise<Receipt> => (await call("POST", "/withdraw")).json() as Promise<Receipt>;

export const receipt = async (): Promise<Receipt> => (await call("GET", "/receipt")).json() as Promise<Receipt>;

/** Saves a paper, which needs nothing else to be read and printed. */
export async function keep(path: "/paper" | "/receipt/paper", name: string): Promise<void> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await call("GET", path)).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
