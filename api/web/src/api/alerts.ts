/** Alerts: rules, where they are sent, the log of it, and those of the last day. */

import { ask } from "./client";
import type { EventKind, HubEvent, LabelGroup } from "./types";

export interface Hours {
  from_minute: number;
  to_minute: number;
}

export interface Watch {
  place: string[];
  camera: string[];
  kind: EventKind[];
  group: LabelGroup[];
  label: string[];
  min_score: number;
  hours: Hours | null;
}

export interface NewAlertRule {
  name: string;
  reason: string;
  enabled: boolean;
  watch: Watch;
  quiet: Hours | null;
  page: boolean;
  sound: boolean;
  targets: string[];
}

export interface AlertRule extends NewAlertRule {
  id: string;
  revision: number;
  owner: string;
  created_at: string;
}

export const TARGET_KINDS = ["webhook", "email"] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export interface AlertTarget {
  id: string;
  name: string;
  kind: TargetKind;
  address: string;
  enabled: boolean;
  created_at: string;
}

export interface MadeTarget extends AlertTarget {
  secret: string | null;
}

export const DELIVERY_STATES = ["shown", "pending", "sent", "failed", "withdrawn", "dropped"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface Delivery {
  id: string;
  rule_id: string;
  rule_name: string;
  target: string | null;
  host: string;
  camera_id: string;
  camera_name: string;
  events: number;
  state: DeliveryState;
  attempts: number;
  next_at: string | null;
  status: number | null;
  error: string;
  created_at: string;
  done_at: string | null;
}

export interface HubAlert {
  id: string;
  rule_name: string;
  sound: boolean;
  events: number;
  at: string;
  event: HubEvent;
}

export interface Trial {
  ok: boolean;
  error: string;
  status: number | null;
}

export const listAlerts = async (): Promise<HubAlert[]> => (await ask<{ alerts: HubAlert[] }>("GET", "/alerts")).alerts;

export const listRules = async (): Promise<AlertRule[]> => (await ask<{ rules: AlertRule[] }>("GET", "/alerts/rules")).rules;

export const createRule = (made: NewAlertRule): Promise<AlertRule> => ask("POST", "/alerts/rules", made);

export const changeRule = (id: string, revision: number, made: NewAlertRule): Promise<AlertRule> =>
  ask("PUT", `/alerts/rules/${id}`, { ...made, expected_revision: revision });

export const removeRule = (id: string): Promise<void> => ask("DELETE", `/alerts/rules/${id}`);

export const listTargets = async (): Promise<AlertTarget[]> =>
  (await ask<{ targets: AlertTarget[] }>("GET", "/alerts/targets")).targets;

export const createTarget = (made: Pick<AlertTarget, "name" | "kind" | "address">): Promise<MadeTarget> =>
  ask("POST", "/alerts/targets", made);

export const changeTarget = (id: string, wanted: { name?: string; enabled?: boolean }): Promise<AlertTarget> =>
  ask("PATCH", `/alerts/targets/${id}`, wanted);

export const removeTarget = (id: string): Promise<void> => ask("DELETE", `/alerts/targets/${id}`);

export const tryTarget = (id: string): Promise<Trial> => ask("POST", `/alerts/targets/${id}/test`);

export const listDeliveries = async (before?: string): Promise<Delivery[]> =>
  (await ask<{ deliveries: Delivery[] }>("GET", `/alerts/deliveries${before ? `?before=${before}` : ""}`)).deliveries;
