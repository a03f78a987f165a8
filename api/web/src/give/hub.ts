/** What whoever was asked for clips may ask of the hub. The link's secret stands in the fragment and goes in a header. */

export interface AskedClip {
  case_number: string;
  unit: string;
  name: string;
  camera_name: string | null;
  from: string;
  to: string;
  document_number: string;
  expires_at: string;
  state: "open" | "used" | "expired" | "revoked";
}

export interface GivenUpload {
  id: string;
  name: string;
  device: string;
  bytes: number;
  state: "receiving" | "received" | "accepted" | "declined";
  has_clock_photo: boolean;
  sha256: string | null;
  received_at: string | null;
  judged_at: string | null;
  refusal: string | null;
  purged_at: string | null;
}

export interface Sending {
  giving: { request: AskedClip; uploads: GivenUpload[]; most_files: number };
  /** How far each file came that is being sent, by its id. */
  offsets: Record<string, number>;
  most_bytes: number;
  piece_bytes: number;
  contact: string;
}

/** A file that is being sent, and how far it came. */
export interface Came {
  id: string;
  offset: number;
}

export interface Words {
  giver: string;
  contact: string;
  device: string;
  note: string;
  unaltered: boolean;
}

/** A stable code: `clip_link` for a void link, `offline` without an answer; `offset` is how far the file came. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly offset: number | null = null,
  ) {
    super(code);
  }
}

async function call(method: string, path: string, body?: Blob | object): Promise<Response> {
  const raw = body instanceof Blob;
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/giving${path}`, {
      method,
      headers: {
        "X-Clip-Link": location.hash.slice(1),
        ...(body === undefined ? {} : { "Content-Type": raw ? "application/octet-stream" : "application/json" }),
      },
      credentials: "omit",
      cache: "no-store",
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new Refused("offline");
  }
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { code?: string; params?: { offset?: number } };
  throw new Refused(said.code ?? `http_${answer.status}`, said.params?.offset ?? null);
}

const told = async (answer: Promise<Response>): Promise<Sending> => (await answer).json() as Promise<Sending>;

export const view = (): Promise<Sending> => told(call("GET", ""));

export const begin = async (file: File, words: Words): Promise<Came> =>
  (await call("POST", "/files", { name: file.name, bytes: file.size, agreed: true, ...words })).json() as Promise<Came>;

export const piece = async (id: string, offset: number, data: Blob): Promise<number> =>
  ((await (await call("PATCH", `/files/${id}?offset=${offset}`, data)).json()) as Came).offset;

export const giveUp = (id: string): Promise<Sending> => told(call("DELETE", `/files/${id}`));

export const finish = (id: string, sha256: string): Promise<Sending> => told(call("POST", `/files/${id}/finish`, { sha256 }));

export const clockPhoto = (id: string, picture: Blob): Promise<Sending> => told(call("PUT", `/files/${id}/clock`, picture));
