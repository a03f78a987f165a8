/** Who is signed in and why they look; every failure that ends either passes through `settle`. */

import { computed, effect, signal } from "@preact/signals";
import * as api from "../api/client";
import { Problem } from "../api/client";
import type { Permission, Purpose, Session } from "../api/types";
import { setZone } from "../i18n/time";

export type Phase = "starting" | "unreachable" | "out" | "in";

export const phase = signal<Phase>("starting");
export const session = signal<Session | null>(null);
/** Why one stands at the sign-in or the purpose again without having asked for it. */
export const ended = signal<"session" | "purpose" | null>(null);

effect(() => {
  if (session.value) setZone(session.value.timezone);
});

/** Whether the dialog stands open in which a purpose is chosen. */
export const choosing = signal(false);

export const purpose = computed<Purpose | null>(() => session.value?.purpose ?? null);

/** Under which purpose something was refused for want of a reason in words: the camera sees minors. */
const wordless = signal<string | null>(null);
/** Whether that is the purpose one looks under. */
export const unsaid = computed(() => purpose.value !== null && purpose.value.id === wordless.value);

/** Takes note of a refusal's code, wherever it is told. */
export function heard(code: string): void {
  if (code === "minors_reason") wordless.value = purpose.peek()?.id ?? null;
}

export const may = (permission: Permission): boolean => session.value?.permissions.includes(permission) ?? false;

export async function start(): Promise<void> {
  try {
    const found = await api.currentSession();
    session.value = found;
    phase.value = found ? "in" : "out";
  } catch (err) {
    if (!(err instanceof Problem)) throw err;
    phase.value = "unreachable";
  }
}

export async function signIn(name: string, password: string, code: string | null): Promise<void> {
  session.value = await api.signIn(name, password, code);
  ended.value = null;
  phase.value = "in";
}

export async function signOut(): Promise<void> {
  try {
    await api.signOut();
  } catch (err) {
    if (!(err instanceof Problem) || err.status !== 401) throw err;
  }
  drop(null);
}

function drop(why: "session" | null): void {
  session.value = null;
  ended.value = why;
  phase.value = "out";
}

export async function look(under: Purpose): Promise<void> {
  await api.setPurpose(under.id);
  if (session.value) session.value = { ...session.value, purpose: under };
  ended.value = null;
}

/** Takes over what the hub has put on the session, say the purpose that came with a patrol. */
export async function resume(): Promise<void> {
  session.value = await api.currentSession();
  if (session.value === null) endSession();
  ended.value = null;
}

/** Closes the purpose for good: looking again needs a new one. */
export async function stopLooking(): Promise<void> {
  const open = purpose.value;
  if (!open) return;
  await api.closePurpose(open.id);
  forgetPurpose(false);
}

/** Whether one may go on looking: a refused handshake tells a page nothing, so the session is asked. Throws Problem. */
export async function stillLooking(): Promise<boolean> {
  const under = purpose.peek();
  const found = await api.currentSession();
  if (found === null) endSession();
  // Another may have been chosen since it was asked.
  else if (found.purpose === null && purpose.peek() === under) forgetPurpose();
  return found !== null && purpose.peek() !== null;
}

export function endSession(): void {
  if (phase.value === "in") drop("session");
}

export function forgetPurpose(byHub = true): void {
  if (!session.value?.purpose) return;
  session.value = { ...session.value, purpose: null };
  ended.value = byHub ? "purpose" : null;
}

/** A Problem out of anything caught. Ends the session or the purpose when that is what it says; rethrows bugs. */
export function settle(err: unknown): Problem {
  if (!(err instanceof Problem)) throw err;
  if (err.status === 401) endSession();
  else if (err.code === "purpose_required" || err.code === "purpose_closed") forgetPurpose();
  else heard(err.code);
  return err;
}
