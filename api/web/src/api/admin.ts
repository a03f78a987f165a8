/** Villages, users and cases as the administrator reads and changes them. */

import { ask, request } from "./client";
import type { Permission, Place, Role, User } from "./types";
import type { SignedIn } from "./upkeep";

export interface NewPlace {
  code: string;
  name: string;
  lat: number | null;
  lon: number | null;
}

export type PlaceChange = Partial<NewPlace> & { expected_revision: number };

export const createPlace = (made: NewPlace): Promise<Place> => ask("POST", "/places", made);
export const changePlace = (code: string, change: PlaceChange): Promise<Place> => ask("PATCH", `/places/${code}`, change);
export const removePlace = (code: string): Promise<void> => ask("DELETE", `/places/${code}`);

export interface UserBody {
  role: Role;
  display_name: string;
  unit: string;
  station: string | null;
  team: string | null;
  trained_at: string | null;
  pledged_at: string | null;
}

export type NewUser = UserBody & { name: string; password: string; grants: readonly string[]; units: readonly string[] };
export type UserChange = Partial<UserBody> & { active?: boolean };

export const listUsers = async (signal?: AbortSignal): Promise<User[]> =>
  (await ask<{ users: User[] }>("GET", "/users", undefined, signal)).users;
export const createUser = (made: NewUser): Promise<User> => ask("POST", "/users", made);
export const changeUser = (id: string, change: UserChange): Promise<User> => ask("PATCH", `/users/${id}`, change);
export const setGrants = (id: string, grants: readonly string[], units: readonly string[]): Promise<User> =>
  ask("PUT", `/users/${id}/grants`, { grants, units });
export const setPassword = (id: string, password: string): Promise<void> =>
  ask("PUT", `/users/${id}/password`, { password });

export const unlockUser = (id: string): Promise<User> => ask("POST", `/users/${id}/unlock`);
export const resetTwoFactors = (id: string): Promise<void> => ask("DELETE", `/users/${id}/two-factors`);
export const sessionsOf = async (id: string, signal?: AbortSignal): Promise<SignedIn[]> =>
  (await ask<{ sessions: SignedIn[] }>("GET", `/users/${id}/sessions`, undefined, signal)).sessions;
export const endSessionsOf = (id: string, session?: string): Promise<void> =>
  ask("DELETE", `/users/${id}/sessions${session ? `/${session}` : ""}`);

export const UNIT_KINDS = ["station", "brigade", "squadron", "group"] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

/** A station or a team with the villages of its own. */
export interface Unit {
  id: string;
  kind: UnitKind;
  name: string;
  parent_id: string | null;
  villages: string[];
}

export type NewUnit = Omit<Unit, "id">;

export const listUnits = async (signal?: AbortSignal): Promise<Unit[]> =>
  (await ask<{ units: Unit[] }>("GET", "/units", undefined, signal)).units;
export const createUnit = (made: NewUnit): Promise<Unit> => ask("POST", "/units", made);
export const changeUnit = (id: string, change: { name: string; villages: readonly string[] }): Promise<Unit> =>
  ask("PATCH", `/units/${id}`, change);
export const removeUnit = (id: string): Promise<void> => ask("DELETE", `/units/${id}`);

export interface UnitOutcome {
  row: number;
  action: "add" | "change" | "unchanged";
  kind: UnitKind;
  name: string;
  under: string;
  gained: string[];
  lost: string[];
}

export interface BadUnit {
  row: number;
  column: string;
  value: string;
  code: string;
  hint: string;
}

export interface UnitPlan {
  outcomes: UnitOutcome[];
  bad: BadUnit[];
  digest: string;
  applied: boolean;
}

/** What a list of units would change; with the digest of what was told, it is done. */
export function unitPlan(file: File, digest?: string): Promise<UnitPlan> {
  const query = new URLSearchParams({ name: file.name.slice(-255), ...(digest ? { plan: digest } : {}) });
  const body = new Blob([file], { type: "application/octet-stream" });
  return request("POST", `/units/import?${query}`, async (answer) => (await answer.json()) as UnitPlan, { body, patienceMs: 120_000 });
}

export interface Rights {
  role: Role;
  permissions: Permission[];
}

export const listRoles = async (signal?: AbortSignal): Promise<Rights[]> =>
  (await ask<{ roles: Rights[] }>("GET", "/roles", undefined, signal)).roles;

