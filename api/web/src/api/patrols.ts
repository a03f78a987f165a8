/** Patrols at the desk: plans, a shift's patrol and its marks, and what was marked as broken. */

import { ask } from "./client";
import type { Reason, State } from "./types";

/** When a plan is due, in the villages' time: days from Monday = 1, minutes since midnight; `to` before `from` ends on the next day. */
export interface PlanTime {
  days: number[];
  from_minute: number;
  to_minute: number;
}

export interface NewPatrolPlan {
  name: string;
  dwell_s: number;
  camera_ids: string[];
  user_ids: string[];
  times: PlanTime[];
}

export interface PatrolPlan extends NewPatrolPlan {
  id: string;
  revision: number;
  /** In all: `camera_ids` are those of one's own villages. */
  cameras: number;
  people: Person[];
  mine: boolean;
  /** It is now inside one of its times. */
  due: boolean;
  /** Of its cameras so many were marked since its time began, or since midnight. */
  done: number;
  rate: number | null;
  created_by: string;
}

export const VERDICTS = ["normal", "suspicious", "fault", "covered"] as const;
export type PatrolVerdict = (typeof VERDICTS)[number];

/** A user as colleagues see him. */
export interface Person {
  id: string;
  name: string;
  display_name: string;
  unit: string;
  active: boolean;
}

export interface PatrolCamera {
  camera_id: string;
  name: string;
  village_code: string;
  village_name: string;
  state: State;
  reason: Reason | null;
  /** The code of why it may not be watched. */
  refused: string | null;
  marked: PatrolVerdict | null;
  marked_at: string | null;
}

export interface Handover {
  by: string;
  at: string;
  note: string;
}

export interface PlanName {
  id: string;
  name: string;
}

export interface PatrolSummary {
  id: string;
  purpose_id: string;
  plan: PlanName | null;
  user: Person;
  reason: string;
  started_at: string;
  expires_at: string;
  ended_at: string | null;
  due: number;
  done: number;
  rate: number | null;
  verdicts: Partial<Record<PatrolVerdict, number>>;
  handover: string;
}

export interface Patrol extends PatrolSummary {
  dwell_s: number;
  cameras: PatrolCamera[];
  handover_before: Handover | null;
}

export interface NewPatrolMark {
  /** Made by the page: a mark sent twice is kept once. */
  id: string;
  camera_id: string;
  verdict: PatrolVerdict;
  note: string;
  snapshot: boolean;
}

export interface PatrolMark {
  id: string;
  patrol_id: string;
  camera_id: string;
  camera_name: string;
  village_code: string;
  village_name: string;
  by: string;
  at: string;
  verdict: PatrolVerdict;
  note: string;
  has_snapshot: boolean;
  /** The code of why a picture that was asked for is not there. */
  snapshot_why: string;
  snapshot_url: string | null;
  cleared_at: string | null;
  cleared_by: string;
  incident_id: string | null;
}

/** 王辅警 · 月亮泡派出所 */
export const personName = (one: Pick<Person, "name" | "display_name" | "unit">): string =>
  [one.display_name || one.name, one.unit].filter(Boolean).join(" · ");

/** A patrol by its plan, or by what it was opened for. */
export const patrolName = (one: Pick<PatrolSummary, "plan" | "reason">): string => one.plan?.name ?? one.reason;

export const listPlans = async (mine: boolean, signal?: AbortSignal): Promise<PatrolPlan[]> =>
  (await ask<{ plans: PatrolPlan[] }>("GET", `/patrols/plans${mine ? "?mine=true" : ""}`, undefined, signal)).plans;

/** Who may be put on a plan. */
export const listPatrollers = async (signal?: AbortSignal): Promise<Person[]> =>
  (await ask<{ people: Person[] }>("GET", "/patrols/people", undefined, signal)).people;

export const createPlan = (made: NewPatrolPlan): Promise<PatrolPlan> => ask("POST", "/patrols/plans", made);

export const changePlan = (id: string, revision: number, made: NewPatrolPlan): Promise<PatrolPlan> =>
  ask("PUT", `/patrols/plans/${id}`, { ...made, expected_revision: revision });

export const removePlan = (id: string): Promise<void> => ask("DELETE", `/patrols/plans/${id}`);

/** Opens the patrol and the purpose it is looked under, and puts that on the session. */
export const startPatrol = (what: { plan_id: string } | { camera_ids: string[]; reason: string }): Promise<Patrol> =>
  ask("POST", "/patrols", what);

export const getPatrol = (id: string, signal?: AbortSignal): Promise<Patrol> => ask("GET", `/patrols/${id}`, undefined, signal);

export interface Patrols {
  patrols: PatrolSummary[];
  next_cursor: string | null;
}

/** The newest first. */
export const listPatrols = (query: URLSearchParams, signal?: AbortSignal): Promise<Patrols> =>
  ask("GET", `/patrols?${query}`, undefined, signal);

export const sendMark = (patrol: string, mark: NewPatrolMark): Promise<PatrolMark> => ask("POST", `/patrols/${patrol}/marks`, mark);

export const listMarks = async (patrol: string, signal?: AbortSignal): Promise<PatrolMark[]> =>
  (await ask<{ marks: PatrolMark[] }>("GET", `/patrols/${patrol}/marks`, undefined, signal)).marks;

/** Cameras that somebody on patrol marked as faulty or covered, the last of each that nobody settled. */
export const listFaults = async (signal?: AbortSignal): Promise<PatrolMark[]> =>
  (await ask<{ faults: PatrolMark[] }>("GET", "/patrols/faults", undefined, signal)).faults;

export const clearFault = (mark: string): Promise<PatrolMark> => ask("POST", `/patrols/faults/${mark}/clear`);

export const endPatrol = (id: string, handover: string): Promise<Patrol> => ask("POST", `/patrols/${id}/end`, { handover });
