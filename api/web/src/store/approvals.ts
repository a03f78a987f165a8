/** How many approvals wait for one's decision, read again while somebody looks. */

import { effect, signal } from "@preact/signals";
import { approvalsWaiting } from "../api/cases";
import { session, settle } from "./session";

export const waiting = signal(0);

effect(() => {
  if (session.value === null) waiting.value = 0;
});

const EVERY_MS = 30_000;

export function follow(): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async (): Promise<void> => {
    try {
      if (!document.hidden) waiting.value = await approvalsWaiting(stop.signal);
    } catch (err) {
      if (!stop.signal.aborted) settle(err); // the list itself says what is wrong
    }
    if (!stop.signal.aborted) timer = setTimeout(round, EVERY_MS);
  };
  void round();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
