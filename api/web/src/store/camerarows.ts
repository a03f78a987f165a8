/** The camera list as rows: by tree (township, village, hamlet, camera) or by state, narrowed by what one looks for. */

import { KINDS, type Camera, type CameraStatus, type Kind, type PictureFault, type Place, type Reason, type State, STATES } from "../api/types";
import { type Tone, toneOf } from "./cameras";
import { initialsOf } from "./initials";

export type By = "tree" | "state";

export interface Wanted {
  by: By;
  text: string;
  kind: Kind | null;
  state: State | null;
}

export const readWanted = (query: URLSearchParams): Wanted => ({
  by: query.get("by") === "state" ? "state" : "tree",
  text: query.get("text") ?? "",
  kind: KINDS.find((one) => one === query.get("kind")) ?? null,
  state: STATES.find((one) => one === query.get("state")) ?? null,
});

export function writeWanted(wanted: Wanted): URLSearchParams {
  const query = new URLSearchParams();
  if (wanted.by !== "tree") query.set("by", wanted.by);
  if (wanted.text) query.set("text", wanted.text);
  if (wanted.kind) query.set("kind", wanted.kind);
  if (wanted.state) query.set("state", wanted.state);
  return query;
}

export const isNarrowed = (wanted: Wanted): boolean =>
  wanted.text.trim() !== "" || wanted.kind !== null || wanted.state !== null;

export type Branch = "township" | "village" | "hamlet";

export interface BranchRow {
  sort: Branch;
  /** A place's code; a hamlet's is its village's code and its name. */
  id: string;
  name: string;
  depth: number;
  open: boolean;
  all: number;
  live: number;
  bad: number;
}

export interface StateRow {
  sort: "state";
  id: string;
  state: State;
  reason: Reason | null;
  /** What is wrong with the pictures of cameras that are up. */
  picture: PictureFault | null;
  tone: Tone;
  depth: 0;
  open: boolean;
  all: number;
}

export interface CameraRow {
  sort: "camera";
  id: string;
  depth: number;
  camera: Camera;
}

export type Row = BranchRow | StateRow | CameraRow;

/** The host a camera's streams are at, without port; empty for a WiFi probe. */
export function hostOf(camera: Camera): string {
  const found = /^[a-z+]+:\/\/(\[[^\]]*\]|[^:/?#]*)/.exec(camera.sub_url ?? camera.main_url ?? "");
  return found?.[1] ?? "";
}

/** What a camera is found by, in lower case; made once a camera, since typing asks for all of them at each key. */
const HAYSTACKS = new WeakMap<Camera, string>();

function haystack(camera: Camera): string {
  let text = HAYSTACKS.get(camera);
  if (text === undefined) {
    const { name, village_name, hamlet, address, pole, note } = camera;
    const initials = [name, village_name, hamlet].map(initialsOf);
    text = [name, village_name, hamlet, address, pole, note, ...initials].join("\n").toLowerCase();
    HAYSTACKS.set(camera, text);
  }
  return text;
}

/**
 * Words by space must all be there. Digits alone also find the end of a GB id, and no host: in `桥头 9` the 9 is the name's.
 */
export function matches(camera: Camera, text: string): boolean {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return words.every(
    (one) =>
      haystack(camera).includes(one) ||
      (/^\d+$/.test(one) ? one.length >= 4 && (camera.gb_id?.endsWith(one) ?? false) : hostOf(camera).includes(one)),
  );
}

export const narrow = (all: readonly Camera[], wanted: Wanted): Camera[] =>
  all.filter(
    (one) =>
      (wanted.state === null || one.status.state === wanted.state) &&
      (wanted.kind === null || one.kind === wanted.kind) &&
      matches(one, wanted.text),
  );

/** `isOpen` says whether a branch shows what is below it. */
export function treeRows(
  list: readonly Camera[],
  places: ReadonlyMap<string, Place>,
  isOpen: (id: string, sort: Branch) => boolean,
): Row[] {
  const rows: Row[] = [];
  for (const [township, inTownship] of grouped(list, (one) => one.village_code.slice(0, 9))) {
    const name = places.get(township)?.name ?? township;
    const row = branch("township", township, name, 0, isOpen(township, "township"), inTownship);
    rows.push(row);
    if (!row.open) continue;
    for (const [village, inVillage] of grouped(inTownship, (one) => one.village_code)) {
      const below = branch("village", village, inVillage[0]!.village_name, 1, isOpen(village, "village"), inVillage);
      rows.push(below);
      if (below.open) hamletRows(rows, village, inVillage, isOpen);
    }
  }
  return rows;
}

function hamletRows(
  rows: Row[],
  village: string,
  list: readonly Camera[],
  isOpen: (id: string, sort: Branch) => boolean,
): void {
  for (const [hamlet, inHamlet] of grouped(list, (one) => one.hamlet)) {
    let depth = 2;
    if (hamlet !== "") {
      const id = `${village}/${hamlet}`;
      const row = branch("hamlet", id, hamlet, 2, isOpen(id, "hamlet"), inHamlet);
      rows.push(row);
      if (!row.open) continue;
      depth = 3;
    }
    for (const camera of byName(inHamlet)) rows.push({ sort: "camera", id: camera.id, depth, camera });
  }
}

function branch(sort: Branch, id: string, name: string, depth: number, open: boolean, list: readonly Camera[]): BranchRow {
  let [live, bad] = [0, 0];
  for (const { status } of list) {
    if (status.state === "live") live += 1;
    if (toneOf(status) === "bad") bad += 1;
  }
  return { sort, id, name, depth, open, all: list.length, live, bad };
}

/** By key, in the order of the keys. */
function grouped(list: readonly Camera[], keyOf: (camera: Camera) => string): [string, Camera[]][] {
  const found = new Map<string, Camera[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = found.get(key);
    if (group) group.push(one);
    else found.set(key, [one]);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
}

const collator = new Intl.Collator("zh-CN", { numeric: true });

const byName = (list: readonly Camera[]): Camera[] => [...list].sort((a, b) => collator.compare(a.name, b.name));

const WEIGHT: Record<Tone, number> = { bad: 0, wait: 1, idle: 2, ok: 3 };

/** A picture that came last before the camera went down is no fault of its own. */
export const fault = ({ state, picture }: CameraStatus): PictureFault | null => (state === "live" ? picture : null);

/** What needs somebody first, each reason a group; within one, who has waited longest comes first. */
export function stateRows(list: readonly Camera[], isOpen: (id: string) => boolean): Row[] {
  const found = grouped(list, ({ status }) => `${WEIGHT[toneOf(status)]} ${status.state} ${status.reason ?? fault(status) ?? ""}`);
  const rows: Row[] = [];
  for (const [, group] of found) {
    const { status } = group[0]!;
    const { state, reason } = status;
    const picture = fault(status);
    const id = [state, reason ?? picture].filter(Boolean).join("/");
    const open = isOpen(id);
    rows.push({ sort: "state", id, state, reason, picture, tone: toneOf(status), depth: 0, open, all: group.length });
    if (!open) continue;
    const waited = [...group].sort((a, b) => (a.status.since < b.status.since ? -1 : 1));
    for (const camera of waited) rows.push({ sort: "camera", id: camera.id, depth: 1, camera });
  }
  return rows;
}
