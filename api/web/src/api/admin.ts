/** Villages, users and cases as the administrator reads and changes them. */

import { ask } from "./client";
import type { Case, Permission, Place, Role, User } from "./types";

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
}

export type NewUser = UserBody & { name: string; password: string; grants: readonly string[] };
export type UserChange = Partial<UserBody> & { active?: boolean };

export const listUsers = async (signal?: AbortSignal): Promise<User[]> =>
  (await ask<{ users: User[] }>("GET", "/users", undefined, signal)).users;
export const createUser = (made: NewUser): Promise<User> => ask("POST", "/users", made);
export const changeUser = (id: string, change: UserChange): Promise<User> => ask("PATCH", `/users/${id}`, change);
export const setGrants = (id: string, grants: readonly string[]): Promise<User> =>
  ask("PUT", `/users/${id}/grants`, { grants });
export const setPassword = (id: string, password: string): Promise<void> =>
  ask("PUT", `/users/${id}/password`, { password });

export interface Rights {
  role: Role;
  permissions: Permission[];
}

export const listRoles = async (signal?: AbortSignal): Promise<Rights[]> =>
  (await ask<{ roles: Rights[] }>("GET", "/roles", undefined, signal)).roles;

export const closeCase = (id: string): Promise<Case> => ask("POST", `/cases/${id}/close`);
