/** The online rate, one's own sign-ins and tokens, and the hub's settings, as in its OpenAPI document. */

import { ask } from "./client";
import type { Permission, PictureFault, Reason, State, User } from "./types";

export interface CameraOnline {
  camera_id: string;
  name: string;
  village_code: string;
  village_name: string;
  rate: number | null;
  due_s: number;
  online_s: number;
  outages: number;
  longest_s: number;
  state: State;
  reason: Reason | null;
  down_since: string | null;
  picture: PictureFault | null;
  picture_since: string | null;
}

export interface VillageOnline {
  village_code: string;
  village_name: string;
  cameras: number;
  rate: number | null;
  due_s: number;
  online_s: number;
  due_now: number;
  online_now: number;
}

export interface Online {
  since: string;
  until: string;
  rate: number | null;
  due_s: number;
  online_s: number;
  due_now: number;
  online_now: number;
  hub_down_s: number;
  hub_down: { since: string; until: string }[];
  villages: VillageOnline[];
  cameras: CameraOnline[];
}

export interface SignedIn {
  id: string;
  address: string;
  agent: string;
  opened_at: string;
  expires_at: string;
  current: boolean;
}

export interface Token {
  id: string;
  name: string;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  permissions: Permission[] | null;
  places: string[] | null;
}

/** What a program is to carry; null: all that is one's own. */
export interface NewToken {
  name: string;
  days: number;
  permissions: Permission[] | null;
  places: string[] | null;
}

/** What an app needs to make codes; shown once. */
export interface Enrolment {
  secret: string;
  uri: string;
  qr_svg: string;
}

export interface Setting {
  name: string;
  value: string | null;
  secret: boolean;
  is_set: boolean;
  origin: "default" | "file" | "environment" | "command";
  doc: string;
}

export const online = (since: Date, until: Date | null, signal?: AbortSignal): Promise<Online> => {
  const query = new URLSearchParams({ since: since.toISOString() });
  if (until) query.set("until", until.toISOString());
  return ask("GET", `/health/online?${query}`, undefined, signal);
};

export const listSessions = async (signal?: AbortSignal): Promise<SignedIn[]> =>
  (await ask<{ sessions: SignedIn[] }>("GET", "/sessions/mine", undefined, signal)).sessions;

export const endSession = (id: string): Promise<unknown> => ask("DELETE", `/sessions/${id}`);

export const endOthers = async (): Promise<number> => (await ask<{ ended: number }>("DELETE", "/sessions/others")).ended;

export const rename = (name: string): Promise<User> => ask("PATCH", "/users/me", { display_name: name });

export const changePassword = (old: string, next: string): Promise<unknown> =>
  ask("PUT", "/users/me/password", { old, new: next });

export const listTokens = async (signal?: AbortSignal): Promise<Token[]> =>
  (await ask<{ tokens: Token[] }>("GET", "/tokens", undefined, signal)).tokens;

export const createToken = (made: NewToken): Promise<Token & { secret: string }> => ask("POST", "/tokens", made);

export const beginTwoFactors = (): Promise<Enrolment> => ask("POST", "/users/me/two-factors");
export const confirmTwoFactors = async (code: string): Promise<string[]> =>
  (await ask<{ codes: string[] }>("PUT", "/users/me/two-factors", { code })).codes;
export const removeTwoFactors = (code: string): Promise<void> => ask("POST", "/users/me/two-factors/remove", { code });

export const revokeToken = (id: string): Promise<unknown> => ask("DELETE", `/tokens/${id}`);

export const listSettings = async (signal?: AbortSignal): Promise<Setting[]> =>
  (await ask<{ settings: Setting[] }>("GET", "/settings", undefined, signal)).settings;
