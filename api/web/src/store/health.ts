/** The hub's own health, read again while somebody looks. */

import { effect, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import type { Health } from "../api/types";
import { session, settle } from "./session";

export const health = signal<Health | null>(null);
export const trouble = signal<Problem | null>(null);

effect(() => {
  if (session.value !== null) return;
  health.value = null;
  trouble.value = null;
});

const EVERY_MS = 10_000;

export function follow(): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async (): Promise<void> => {
    try {
      if (!document.hidden) {
        health.value = await api.health(stop.signal);
        trouble.value = null;
      }
    } catch (err) {
      if (!stop.signal.aborted) trouble.value = settle(err);
    }
    if (!stop.signal.aborted) timer = setTimeout(round, EVERY_MS);
  };
  void round();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
