/** What a part of the page asks the hub for when it opens, keeps showing, and reads again after each change. */

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { problemText } from "../i18n";
import { toast } from "../ui/toast";
import { useComeback } from "./comeback";
import { settle } from "./session";

export interface Asked<T> {
  /** What was read last; null before the first answer. */
  value: T | null;
  /** Why the last reading failed; what was read before it still stands. */
  problem: Problem | null;
  keep: (value: T) => void;
  again: () => void;
  /** Does something to it and reads again; a refusal, or words it answers with, are told in passing. */
  act: (work: () => Promise<unknown>) => Promise<void>;
}

/** Reads at once, anew whenever one of `on` changes, and when told to. */
export function useAsked<T>(read: (until: AbortSignal) => Promise<T>, on: readonly unknown[] = []): Asked<T> {
  const [value, keep] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    read(stop.signal).then(
      (found) => {
        if (stop.signal.aborted) return;
        keep(() => found);
        setProblem(null);
      },
      (err: unknown) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [round, ...on]);
  const again = (): void => setRound((was) => was + 1);
  // Where nothing was read yet, it is the notice in its place that asks again.
  useComeback(value === null ? null : problem, again);
  async function act(work: () => Promise<unknown>): Promise<void> {
    try {
      const said = await work();
      if (typeof said === "string") toast(said, { tone: "ok" });
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    again();
  }
  return { value, problem, keep: (one) => keep(() => one), again, act };
}
