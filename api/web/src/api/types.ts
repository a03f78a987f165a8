/**
 * What the hub answers, field for field as in its OpenAPI document (/api/v1/openapi.json).
 * Times are RFC 3339 UTC; boxes and paths are shares of the picture (0–1, origin top left).
 */

export const KINDS = ["public", "social", "wifi_probe", "civilian"] as const;
export type Kind = (typeof KINDS)[number];

export const STATES = ["live", "connecting", "waiting_keyframe", "stalled", "backing_off", "stopped", "idle"] as const;
export type State = (typeof STATES)[number];

export const REASONS = [
  "unreachable",
  "rejected",
  "unsupported",
  "stalled",
  "placement_incomplete",
  "no_consent",
  "outside_hours",
  "masks_missing",
  "disabled",
  "no_video",
  "worker_down",
  "error",
] as const;
export type Reason = (typeof REASONS)[number];

export const PICTURE_FAULTS = ["black", "covered", "frozen"] as const;
export type PictureFault = (typeof PICTURE_FAULTS)[number];

export const EVENT_KINDS = ["object", "zone_entered", "line_crossed", "unknown_moving"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const GROUPS = ["person", "two_wheeler", "vehicle", "animal", "unknown"] as const;
export type LabelGroup = (typeof GROUPS)[number];

/** Labels of the bundled model and its kin that people search by; another model may have more. */
export const LABELS = [
  "person",
  "bicycle",
  "motorcycle",
  "tricycle",
  "car",
  "bus",
  "truck",
  "van",
  "tractor",
  "bird",
  "cat",
  "dog",
  "horse",
  "sheep",
  "cow",
  "pig",
  "goat",
] as const;

export const ROLES = ["admin", "approver", "officer", "assistant", "technician", "monitor", "auditor"] as const;
export type Role = (typeof ROLES)[number];

export const PURPOSE_KINDS = ["case", "patrol", "maintenance", "owner"] as const;
export type PurposeKind = (typeof PURPOSE_KINDS)[number];

export type Permission =
  | "see_cameras"
  | "see_events"
  | "watch_live"
  | "see_recordings"
  | "export"
  | "manage_alerts"
  | "manage_targets"
  | "watch_health"
  | "register"
  | "manage_places"
  | "manage_users"
  | "configure"
  | "open_case"
  | "open_patrol"
  | "open_maintenance"
  | "manage_cases"
  | "work_cases"
  | "manage_patrols"
  | "work_incidents"
  | "approve"
  | "read_audit"
  | "see_metrics";

export interface User {
  id: string;
  name: string;
  display_name: string;
  unit: string;
  role: Role;
  grants: string[];
  units: string[];
  station: string | null;
  team: string | null;
  trained_at: string | null;
  pledged_at: string | null;
  duties: Held[];
  two_factors: boolean;
  enrol: boolean;
  locked_until: string | null;
  active: boolean;
  created_at: string;
}

/** What the user's role must hold to look; `until` null: nothing is on record. */
export interface Held {
  duty: "training" | "pledge";
  at: string | null;
  until: string | null;
  holds: boolean;
  soon: boolean;
}

export interface Purpose {
  id: string;
  kind: PurposeKind;
  case_id: string | null;
  case_number: string | null;
  case_title: string | null;
  /** The grant of a second person it rests on. */
  approval_id: string | null;
  reason: string;
  opened_at: string;
  expires_at: string;
  closed_at: string | null;
  /** What it reaches: place codes (null: one's own villages) and times (null: no limit of its own), … */
  places: string[] | null;
  since: string | null;
  until: string | null;
  /** … hours back from now, and the cameras of maintenance. */
  looks_back_hours: number | null;
  cameras: string[] | null;
}

export interface Session {
  user: User;
  csrf: string;
  expires_at: string;
  purpose: Purpose | null;
  permissions: Permission[];
  /** The villages' time zone, IANA name. */
  timezone: string;
}

export interface Person {
  id: string;
  name: string;
  display_name: string;
  unit: string;
  active: boolean;
}

export const OFFENCES = [
  "livestock",
  "vehicle",
  "crops",
  "burglary",
  "theft",
  "damage",
  "traffic",
  "violence",
  "fraud",
  "fire",
  "missing",
  "other",
] as const;
export type Offence = (typeof OFFENCES)[number];

export interface Case {
  id: string;
  revision: number;
  number: string;
  title: string;
  offence: Offence;
  offence_text: string;
  places: string[];
  starts_at: string | null;
  ends_at: string | null;
  responsible: Person | null;
  members: Person[];
  opened_by: string;
  opened_at: string;
  expires_at: string;
  closed_at: string | null;
  state: "open" | "expired" | "closed";
  /** One works on it, and may look under it. */
  member: boolean;
  /** One may change and close it. */
  editable: boolean;
}

export interface Place {
  id: string;
  code: string;
  name: string;
  level: "county" | "township" | "village";
  lat: number | null;
  lon: number | null;
  source: string;
  revision: number;
}

export interface CameraStatus {
  state: State;
  reason: Reason | null;
  detail: string;
  since: string;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  last_frame_at: string | null;
  picture: PictureFault | null;
  picture_since: string | null;
  /** Why it is not recorded although its packets come: `disk_full`, `disk_slow`, `disk_error`, `codec`. */
  recording: string | null;
}

export interface Camera {
  id: string;
  device_id: string;
  name: string;
  kind: Kind;
  village_code: string;
  village_name: string;
  lat: number | null;
  lon: number | null;
  bearing_deg: number | null;
  view_angle_deg: number | null;
  /** In which datum its place was told (wgs84, gcj02, bd09), empty when not told; `lat` and `lon` are WGS-84 always. */
  coord_source: string;
  hamlet: string;
  address: string;
  pole: string;
  main_url: string | null;
  sub_url: string | null;
  tier: string;
  /** How it is recorded; null as its kind is. */
  record_mode: string | null;
  record_stream: string | null;
  record_days: number | null;
  event_days: number | null;
  gb_id: string | null;
  manager_unit: string;
  owner_name: string;
  owner_contact: string;
  probe_mac: string;
  enabled: boolean;
  note: string;
  revision: number;
  created_at: string;
  /** What looks wrong with it, kept and shown until mended: `far_from_village`. */
  warnings: string[];
  status: CameraStatus;
}

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export const VERDICTS = ["useful", "false"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Mark {
  verdict: Verdict | null;
  note: string;
  marked_by: string;
  marked_at: string;
}

export interface HubEvent {
  id: string;
  revision: number;
  camera_id: string;
  camera_name: string;
  camera_kind: Kind;
  village_code: string;
  village_name: string;
  kind: EventKind;
  rule_id: string;
  rule_name: string;
  scene_revision: number;
  label: string;
  group: LabelGroup;
  score: number;
  box: Box;
  path: [number, number][];
  direction: string | null;
  started_at: string;
  updated_at: string;
  ended_at: string | null;
  received_at: string;
  has_snapshot: boolean;
  snapshot_at: string | null;
  has_still: boolean;
  still_at: string | null;
  model: string;
  clock_offset_ms: number | null;
  mark: Mark | null;
  snapshot_url: string | null;
  still_url: string | null;
}

/** Of a search: what is beyond its purpose's reach, or near minors where its reason is too short. */
export type LeftOut = "places" | "cameras" | "times" | "minors";

export interface EventPage {
  events: HubEvent[];
  next_cursor: string | null;
  since: string;
  until: string;
  left_out: LeftOut[];
}

/** How much of a search was watched; null where its cameras or days are too many to say. */
export interface Watched {
  since: string;
  until: string;
  cameras: number;
  asked_s: number | null;
  unwatched_s: number | null;
  unwatched_cameras: number | null;
  unwatched: { camera_id: string; name: string; village_name: string; unwatched_s: number }[];
}

export interface Bucket {
  start: string;
  count: number;
  by_group: Partial<Record<LabelGroup, number>>;
}

export interface Fault {
  code: string;
  since: string;
  params: Record<string, string | number>;
}

export interface WorkerHealth {
  slot: number;
  state: string;
  restarts: number;
  cameras: number;
  live: number;
  frames_per_s: number;
  detector_per_s: number;
  cpu_share: number;
  memory_mb: number;
  outbox: number;
}

export interface Health {
  status: "ok" | "degraded";
  started_at: string;
  version: string;
  cameras: Partial<Record<State, number>>;
  reasons: Partial<Record<Reason, number>>;
  workers: WorkerHealth[];
  disk: { free_bytes: number; min_free_bytes: number; used_bytes: number; quota_bytes: number };
  recordings: { used_bytes: number; held_bytes: number; quota_bytes: number };
  database: { kind: string; ok: boolean; latency_ms: number | null };
  channel: { kind: string; ok: boolean; waiting: number };
  events: { received: number; stored: number; refused: number; poison: number };
  faults: Fault[];
}
