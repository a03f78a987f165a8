/** One's own running patrol: its cameras in turn, what was marked, and what still has to reach the hub. */

import { computed, effect, signal } from "@preact/signals";
import { actOn, type Incident, openIncident } from "../api/incidents";
import { type Patrol, type PatrolVerdict, sendMark } from "../api/patrols";
import { problemText, t } from "../i18n";
import { toast } from "../ui/toast";
import { readDraft, writeDraft } from "./drafts";
import { take } from "./incidents";
import { MarkQueue, type Waiting } from "./markqueue";
import { purpose, session, settle } from "./session";
import { ahead, begin, goOn, hold, left, moveTo, nextOpen, type Tour } from "./tour";
import { uuid } from "./uuid";

const WAITING = "patrol-marks";

/** Why the time stands still. */
export type Hold = "paused" | "writing" | "asking" | "hidden" | "finished" | "unread";

/** What the hub kept of this page's marks, by patrol and camera: a patrol may have been read before they arrived. */
const said = signal<ReadonlyMap<string, PatrolVerdict>>(new Map());
const walked = signal<Shift | null>(null);
/** One's patrol that runs under the purpose one looks under now, on whichever view; null without one. */
export const shift = computed(() => (walked.value?.patrol.purpose_id === purpose.value?.id ? walked.value : null));

/** From now on this patrol is the one that runs here. */
export function walk(one: Shift): void {
  walked.value = one;
}

/** Marks under way, of whichever patrol of this user. */
export const queue = signal<MarkQueue | null>(null);

let owner: string | null = null;
effect(() => {
  const user = session.value?.user.id;
  if (user === undefined) return;
  if (user === owner) {
    queue.peek()?.now();
    return;
  }
  owner = user;
  queue.peek()?.close();
  queue.value = new MarkQueue(
    {
      send,
      settle,
      keep: (waiting) => writeDraft(WAITING, waiting),
      refused: (problem, { camera }) => {
        // It was kept, and the answer lost.
        if (problem.code === "incident_exists") return;
        toast(t("patrol.mark.refused", { camera, why: problemText(problem) }), { tone: "bad" });
      },
    },
    readDraft<Waiting[]>(WAITING) ?? [],
  );
});

async function send({ patrol, what }: Waiting): Promise<void> {
  if ("mark" in what) {
    const { camera_id, verdict } = await sendMark(patrol, what.mark);
    said.value = new Map(said.peek()).set(`${patrol}/${camera_id}`, verdict);
    return;
  }
  const incident = await openIncident(what.incident);
  take(incident);
  if (what.assign !== null) void give(incident, what.assign);
}

/** An incident just raised, given on in the same gesture. */
async function give(incident: Incident, to: string): Promise<void> {
  try {
    take(await actOn(incident, { act: "assign", user_id: to }));
  } catch (err) {
    toast(t("incident.notGiven", { why: problemText(settle(err)) }), { tone: "bad" });
  }
}

/** What a suspicious mark becomes; `assign`: to whom it is given at once. */
export interface Raised {
  title: string;
  note: string;
  assign: string | null;
}

interface Kept {
  at: number;
  paused: boolean;
}

export class Shift {
  readonly tour;
  readonly holds = signal<ReadonlySet<Hold>>(new Set());
  /** What each camera was marked, in the patrol's order; marks under way count. */
  readonly verdicts = computed<(PatrolVerdict | null)[]>(() => {
    const under = new Map<string, PatrolVerdict>();
    for (const one of queue.value?.waiting.value ?? []) if (one.patrol === this.patrol.id && "mark" in one.what) under.set(one.what.mark.camera_id, one.what.mark.verdict);
    const { id, cameras } = this.patrol;
    return cameras.map((one) => under.get(one.camera_id) ?? said.value.get(`${id}/${one.camera_id}`) ?? one.marked);
  });
  readonly done = computed(() => this.verdicts.value.filter((one) => one !== null).length);

  constructor(
    readonly patrol: Patrol,
    private readonly clock: () => number = () => performance.now(),
  ) {
    const before = readDraft<Kept>(this.draft);
    const last = patrol.cameras.length - 1;
    const at = before ? Math.max(0, Math.min(before.at, last)) : (nextOpen(this.marks(), last) ?? 0);
    this.tour = signal<Tour>(begin(at, clock()));
    if (before?.paused) this.hold("paused");
    if (this.done.value === patrol.cameras.length) this.hold("finished");
  }

  private get draft(): string {
    return `patrol/${this.patrol.id}`;
  }

  private marks(): boolean[] {
    return this.verdicts.value.map((one) => one !== null);
  }

  get dwellMs(): number {
    return this.patrol.dwell_s * 1_000;
  }

  /** The cameras shown: the one looked at, and those that come next. */
  shown(most: number): number[] {
    return ahead(this.marks(), this.tour.value.at, most);
  }

  left(): number {
    return left(this.tour.value, this.dwellMs, this.clock());
  }

  hold(why: Hold): void {
    if (this.holds.peek().has(why)) return;
    this.holds.value = new Set([...this.holds.peek(), why]);
    this.tour.value = hold(this.tour.peek(), this.clock());
    this.remember();
  }

  release(why: Hold): void {
    const rest = new Set([...this.holds.peek()].filter((one) => one !== why));
    if (rest.size === this.holds.peek().size) return;
    this.holds.value = rest;
    if (rest.size === 0) this.tour.value = goOn(this.tour.peek(), this.clock());
    this.remember();
  }

  /** Moves on by itself once the stay is over; true when it did. */
  tick(): boolean {
    if (this.tour.peek().since === null || this.left() > 0) return false;
    this.onward();
    return true;
  }

  /** In the patrol's own order, marked or not. */
  step(by: 1 | -1): void {
    const count = this.patrol.cameras.length;
    this.visit((this.tour.peek().at + by + count) % count);
  }

  visit(at: number): void {
    this.release("writing");
    this.tour.value = moveTo(this.tour.peek(), at, this.clock());
    this.remember();
  }

  /** Marks the camera looked at, with its picture of this moment. Returns the mark's id. */
  mark(verdict: PatrolVerdict, note: string): string {
    const camera = this.patrol.cameras[this.tour.peek().at]!;
    const id = uuid();
    this.send(camera.name, { mark: { id, camera_id: camera.camera_id, verdict, note, snapshot: true } });
    return id;
  }

  /** Makes an incident of a mark. */
  raise(mark: string, camera: string, { assign, ...headline }: Raised): void {
    this.send(camera, { incident: { mark_id: mark, ...headline }, assign });
  }

  private send(camera: string, what: Waiting["what"]): void {
    queue.peek()?.add({ patrol: this.patrol.id, camera, what });
  }

  /** To the next that is not marked; where none is left, it is finished. */
  onward(): void {
    const next = nextOpen(this.marks(), this.tour.peek().at);
    if (next === null) this.hold("finished");
    else this.visit(next);
  }

  private remember(): void {
    writeDraft(this.draft, { at: this.tour.peek().at, paused: this.holds.peek().has("paused") } satisfies Kept);
  }
}
