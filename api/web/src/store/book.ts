/** One file on its way into the register: sent, judged, looked at, applied. It outlives a look at another view. */

import { effect, signal } from "@preact/signals";
import * as api from "../api/book";
import type { Problem } from "../api/client";
import type { Applied, Plan, Step } from "../api/book";
import { session, settle } from "./session";

export type Import =
  | { at: "none" }
  | { at: "planning"; file: string; step: Step | null }
  | { at: "planned"; plan: Plan }
  | { at: "applying"; plan: Plan; step: Step | null }
  | { at: "applied"; plan: Plan; applied: Applied }
  | { at: "refused"; file: string; problem: Problem };

export const current = signal<Import>({ at: "none" });
/** Why a plan was not applied; the plan itself stays in sight. */
export const notApplied = signal<Problem | null>(null);

let stop: AbortController | null = null;
let owner: string | null = null;

// What the next one at this desk sees is his own; the same one finds his plan again after a new sign-in.
effect(() => {
  const now = session.value?.user.id ?? null;
  if (now === null) return;
  if (owner !== null && owner !== now) forget();
  owner = now;
});

export function forget(): void {
  stop?.abort();
  current.value = { at: "none" };
  notApplied.value = null;
}

/** Sends a file and waits for its plan; an earlier one is dropped. */
export async function send(file: File): Promise<void> {
  forget();
  const mine = new AbortController();
  stop = mine;
  current.value = { at: "planning", file: file.name, step: null };
  try {
    await api.planOf(
      file,
      (line) => {
        if (mine.signal.aborted) return;
        if ("plan" in line) current.value = { at: "planned", plan: line.plan };
        else current.value = { at: "planning", file: file.name, step: line.step };
      },
      mine.signal,
    );
  } catch (err) {
    if (!mine.signal.aborted) current.value = { at: "refused", file: file.name, problem: settle(err) };
  }
}

/** Writes what the plan says. Where the connection breaks meanwhile, the hub is asked what became of it. */
export async function apply(plan: Plan, skipBad: boolean): Promise<void> {
  notApplied.value = null;
  current.value = { at: "applying", plan, step: null };
  let applied: Applied | null = null;
  try {
    await api.applyPlan(plan.id, skipBad, (line) => {
      if ("applied" in line) applied = line.applied;
      else current.value = { at: "applying", plan, step: line.step };
    });
  } catch (err) {
    notApplied.value = settle(err);
    applied = await becameOf(plan);
  }
  if (applied !== null) notApplied.value = null;
  current.value = applied === null ? { at: "planned", plan } : { at: "applied", plan, applied };
}

async function becameOf(plan: Plan): Promise<Applied | null> {
  try {
    return (await api.planRows(plan.id, "bad", "", 1)).plan.applied;
  } catch (err) {
    settle(err); // the first failure is the one to tell
    return null;
  }
}
