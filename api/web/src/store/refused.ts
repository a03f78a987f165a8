/** Cameras one may not watch now though they lie in one's villages, by why: householders who did not agree to it. */

import { effect, signal } from "@preact/signals";
import { listRefused } from "../api/walls";
import { purpose, settle } from "./session";

export const refused = signal<ReadonlyMap<string, string>>(new Map());

const EVERY_MS = 20_000;

/** Reads under the purpose that is open, until the returned function is called; a hidden tab rests. */
export function follow(): () => void {
  return effect(() => {
    if (purpose.value === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async (): Promise<void> => {
      if (!document.hidden) await read(stop.signal);
      if (!stop.signal.aborted) timer = setTimeout(round, EVERY_MS);
    };
    void round();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  });
}

async function read(until: AbortSignal): Promise<void> {
  try {
    const found = new Map((await listRefused(until)).map((one) => [one.camera_id, one.code]));
    const same = found.size === refused.peek().size && [...found].every(([id, code]) => refused.peek().get(id) === code);
    if (!same) refused.value = found;
  } catch (err) {
    if (!until.aborted) settle(err); // each tile is refused by itself; this list only says so beforehand
  }
}
