/** Incidents: what somebody on patrol or an event raised, and what was done about it, step by step. */

import { ask } from "./client";
import type { Person } from "./patrols";

export const INCIDENT_STATES = ["open", "assigned", "acknowledged", "checked", "closed", "case"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const INCIDENT_STEPS = ["open", "assign", "acknowledge", "check", "close", "case", "reopen"] as const;
export type Step = (typeof INCIDENT_STEPS)[number];

export interface Incident {
  id: string;
  revision: number;
  camera_id: string;
  camera_name: string;
  /** The camera left the register meanwhile. */
  camera_removed: boolean;
  village_code: string;
  village_name: string;
  mark_id: string | null;
  event_id: string | null;
  happened_at: string;
  title: string;
  note: string;
  state: IncidentState;
  assigned: Person | null;
  result: string;
  case_id: string | null;
  case_number: string | null;
  opened_by: string;
  opened_at: string;
  changed_at: string;
  closed_at: string | null;
  /** What the reader may do now. */
  steps: Step[];
  /** Read under a patrol or a case; there may be none there. */
  picture_url: string;
}

export interface IncidentStep {
  at: string;
  by: string;
  /** What people call him. */
  by_name: string;
  step: Step;
  /** To whom, or into which case. */
  to: string;
  to_name: string;
  note: string;
}

export interface IncidentLog {
  incident: Incident;
  log: IncidentStep[];
}

export interface Incidents {
  incidents: Incident[];
  next_cursor: string | null;
  /** How many in one's villages go on. */
  going: number;
}

const ENDS: readonly IncidentState[] = ["closed", "case"];
const GOING = INCIDENT_STATES.filter((one) => !ENDS.includes(one));

export const goesOn = (one: Pick<Incident, "state">): boolean => !ENDS.includes(one.state);

const list = (query: Record<string, string>, signal?: AbortSignal): Promise<Incidents> =>
  ask("GET", `/incidents?${new URLSearchParams(query)}`, undefined, signal);

/** As many as the hub hands out at once of those that go on, the newest first. */
export const listGoing = (): Promise<Incidents> => list({ state: GOING.join(), limit: "200" });

export const listOver = (cursor: string | null, until: AbortSignal): Promise<Incidents> =>
  list({ state: ENDS.join(), limit: "50", ...(cursor === null ? {} : { cursor }) }, until);

export const getIncident = (id: string, signal?: AbortSignal): Promise<IncidentLog> =>
  ask("GET", `/incidents/${id}`, undefined, signal);

/** Of a mark or of an event. */
export interface NewIncident {
  mark_id?: string;
  event_id?: string;
  title: string;
  note: string;
}

export const openIncident = (made: NewIncident): Promise<Incident> =>
  ask("POST", "/incidents", made);

/** To whom it can be given. */
export const listPeople = async (incident: string, signal?: AbortSignal): Promise<Person[]> =>
  (await ask<{ people: Person[] }>("GET", `/incidents/people?incident=${incident}`, undefined, signal)).people;

/** What can be done with an incident; each knows the revision it was decided on. */
export type IncidentAct =
  | { act: "assign"; user_id: string }
  | { act: "acknowledge" }
  | { act: "check"; note: string }
  | { act: "close"; result: string }
  | { act: "case"; case_id: string }
  | { act: "case"; number: string; title: string }
  | { act: "reopen"; note: string };

export const actOn = (one: Pick<Incident, "id" | "revision">, { act, ...body }: IncidentAct): Promise<Incident> =>
  ask("POST", `/incidents/${one.id}/${act}`, { ...body, expected_revision: one.revision });
