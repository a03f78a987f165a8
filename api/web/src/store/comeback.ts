/** What failed because the hub did not answer is asked for again by itself; what was refused is not. */

import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../api/client";

const EVERY_MS = 5000;

/** Nobody answered, or something in between said that nobody does. */
const passing = (problem: Problem): boolean => problem.status === 0 || problem.status >= 502;

/** Asks again every few seconds, and at once when the network is back, until there is no such problem. */
export function useComeback(problem: Problem | null, again: () => void): void {
  // As one has it by then: what is asked for may have changed meanwhile.
  const now = useRef(again);
  now.current = again;
  useEffect(() => {
    if (problem === null || !passing(problem)) return;
    const ask = (): void => now.current();
    const timer = setTimeout(ask, EVERY_MS);
    addEventListener("online", ask);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", ask);
    };
  }, [problem]);
}
