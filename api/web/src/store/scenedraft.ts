/** A scene while it is edited: shapes and rules put in, changed and taken out, each step undone and redone. */

import type { Line, Point, Rule, Scene, Zone } from "../api/register";
import type { EventKind } from "../api/types";
import { isSimple, outlineFault, type OutlineFault } from "./outline";

export type ShapeKind = "zone" | "line" | "mask";

/** One shape by its place in the scene. */
export interface Chosen {
  kind: ShapeKind;
  index: number;
}

export const MOST_OF_EACH = 32;
const MOST_STEPS = 100;

/** What was done and can be undone; the scene of now is `now`. */
export interface Steps {
  past: Scene[];
  now: Scene;
  future: Scene[];
}

export const begin = (scene: Scene): Steps => ({ past: [], now: scene, future: [] });

export const step = (steps: Steps, next: Scene): Steps => ({
  past: [...steps.past, steps.now].slice(-MOST_STEPS),
  now: next,
  future: [],
});

/** A step that goes on with the last one, as while dragging: undone with it. */
export const amend = (steps: Steps, next: Scene): Steps => ({ ...steps, now: next, future: [] });

export function undo(steps: Steps): Steps {
  const before = steps.past.at(-1);
  return before ? { past: steps.past.slice(0, -1), now: before, future: [steps.now, ...steps.future] } : steps;
}

export function redo(steps: Steps): Steps {
  const [next, ...rest] = steps.future;
  return next ? { past: [...steps.past, steps.now], now: next, future: rest } : steps;
}

export function pointsOf(scene: Scene, { kind, index }: Chosen): Point[] {
  if (kind === "mask") return scene.masks[index] ?? [];
  if (kind === "zone") return scene.zones[index]?.points ?? [];
  const line = scene.lines[index];
  return line ? [line.a, line.b] : [];
}

const put = <T>(list: readonly T[], index: number, item: T): T[] => list.map((one, at) => (at === index ? item : one));

/** What keeps a shape from having these corners; null when nothing. */
export function fault(kind: ShapeKind, points: readonly Point[]): OutlineFault | "line" | null {
  if (kind !== "line") return outlineFault(points);
  const [a, b] = points;
  return a && b && (a[0] !== b[0] || a[1] !== b[1]) ? null : "line";
}

/** The scene with other corners for a shape. The corners must be without fault. */
export function withPoints(scene: Scene, { kind, index }: Chosen, points: Point[]): Scene {
  if (kind === "mask") return { ...scene, masks: put(scene.masks, index, points) };
  if (kind === "zone") return { ...scene, zones: put(scene.zones, index, { ...scene.zones[index]!, points }) };
  const [a, b] = points as [Point, Point];
  return { ...scene, lines: put(scene.lines, index, { ...scene.lines[index]!, a, b }) };
}

function freeId(taken: readonly { id: string }[], stem: string): string {
  const known = new Set(taken.map((one) => one.id));
  let number = taken.length + 1;
  while (known.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

/** A new shape; its name is what people read, its id what rules refer to. */
export function withShape(scene: Scene, kind: ShapeKind, points: Point[], name: string, ways: [string, string]): Scene {
  if (kind === "mask") return { ...scene, masks: [...scene.masks, points] };
  if (kind === "zone") {
    const zone: Zone = { id: freeId(scene.zones, "zone-"), name, points };
    return { ...scene, zones: [...scene.zones, zone] };
  }
  const [a, b] = points as [Point, Point];
  const line: Line = { id: freeId(scene.lines, "line-"), name, a, b, in_name: ways[0], out_name: ways[1] };
  return { ...scene, lines: [...scene.lines, line] };
}

/** Without a shape, and without the rules that cannot be without it. */
export function withoutShape(scene: Scene, { kind, index }: Chosen): Scene {
  if (kind === "mask") return { ...scene, masks: scene.masks.filter((_, at) => at !== index) };
  if (kind === "zone") {
    const id = scene.zones[index]?.id;
    const zones = scene.zones.filter((_, at) => at !== index);
    return { ...scene, zones, rules: scene.rules.filter((one) => one.zone === null || one.zone !== id) };
  }
  const id = scene.lines[index]?.id;
  const lines = scene.lines.filter((_, at) => at !== index);
  return { ...scene, lines, rules: scene.rules.filter((one) => one.line === null || one.line !== id) };
}

export const rulesOf = (scene: Scene, { kind, index }: Chosen): Rule[] => {
  const id = kind === "zone" ? scene.zones[index]?.id : kind === "line" ? scene.lines[index]?.id : undefined;
  return id === undefined ? [] : scene.rules.filter((one) => (kind === "zone" ? one.zone : one.line) === id);
};

export const withZone = (scene: Scene, index: number, part: Partial<Zone>): Scene => ({
  ...scene,
  zones: put(scene.zones, index, { ...scene.zones[index]!, ...part }),
});

export const withLine = (scene: Scene, index: number, part: Partial<Line>): Scene => ({
  ...scene,
  lines: put(scene.lines, index, { ...scene.lines[index]!, ...part }),
});

export function withRule(scene: Scene, index: number, part: Partial<Rule>): Scene {
  return { ...scene, rules: put(scene.rules, index, { ...scene.rules[index]!, ...part }) };
}

/** A rule of another kind names what that kind needs, and nothing else. */
export function asKind(scene: Scene, rule: Rule, kind: EventKind): Rule {
  return {
    ...rule,
    kind,
    zone: kind === "zone_entered" ? (rule.zone ?? scene.zones[0]?.id ?? null) : kind === "line_crossed" ? null : rule.zone,
    line: kind === "line_crossed" ? (rule.line ?? scene.lines[0]?.id ?? null) : null,
    direction: kind === "line_crossed" ? rule.direction : null,
    groups: kind === "unknown_moving" ? ["unknown"] : rule.groups.filter((one) => one !== "unknown"),
  };
}

export function withNewRule(scene: Scene, kind: EventKind, name: string): Scene {
  const plain: Rule = {
    id: freeId(scene.rules, "rule-"),
    name,
    kind: "object",
    zone: null,
    line: null,
    groups: ["person", "two_wheeler", "vehicle", "animal"],
    labels: [],
    min_score: 0.3,
    direction: null,
    schedule: null,
    enabled: true,
  };
  return { ...scene, rules: [...scene.rules, asKind(scene, plain, kind)] };
}

/** The first thing about a scene that the hub would refuse, as the page words it; null when nothing. */
export function sceneFault(scene: Scene): { code: "name" | "zone" | "line" | "outline"; rule?: string } | null {
  if ([...scene.zones, ...scene.lines, ...scene.rules].some((one) => one.name.trim() === "")) return { code: "name" };
  if (scene.lines.some((one) => one.in_name.trim() === "" || one.out_name.trim() === "")) return { code: "name" };
  if ([...scene.masks, ...scene.zones.map((one) => one.points)].some((one) => !isSimple(one))) return { code: "outline" };
  for (const rule of scene.rules) {
    if (rule.kind === "zone_entered" && rule.zone === null) return { code: "zone", rule: rule.name };
    if (rule.kind === "line_crossed" && rule.line === null) return { code: "line", rule: rule.name };
  }
  return null;
}
