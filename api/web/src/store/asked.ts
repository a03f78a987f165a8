/** What a part of the page asks the hub for when it opens, keeps showing, and reads again after each change. */

import { useEffect, useRef, useState } from "preact/hooks";
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
  /** The same of what a second press must not do again: busy meanwhile, and drawn anew at once. */
  once: (work: () => Promise<unknown>) => Promise<void>;
  /** Reads on and keeps the whole, unless something else is asked by then; a refusal is told in passing. */
  further: (read: (until: AbortSignal) => Promise<T>) => Promise<void>;
  /** Something is being done once, or read on. */
  busy: boolean;
}

/** Reads at once, anew whenever one of `on` changes, and when told to. */
export function useAsked<T>(read: (until: AbortSignal) => Promise<T>, on: readonly unknown[] = []): Asked<T> {
  const [value, keep] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const [doing, setDoing] = useState(0);
  /** What is asked now, and whether it was answered. */
  const now = useRef<{ stop: AbortController; answered: boolean }>({ stop: new AbortController(), answered: false });
  useEffect(() => {
    const stop = new AbortController();
    const mine: typeof now.current = (now.current = { stop, answered: false });
    read(stop.signal)
      .then(
        (found) => {
          if (stop.signal.aborted) return;
          keep(() => found);
          setProblem(null);
        },
        (err: unknown) => !stop.signal.aborted && setProblem(settle(err)),
      )
      .finally(() => {
        mine.answered = true;
      });
    return () => stop.abort();
  }, [round, ...on]);
  const again = (): void => setRound((was) => was + 1);
  // Where nothing was read yet, it is the notice in its place that asks again.
  useComeback(value === null ? null : problem, again);
  async function told(work: () => Promise<unknown>, until?: AbortSignal): Promise<void> {
    try {
      const said = await work();
      if (typeof said === "string") toast(said, { tone: "ok" });
    } catch (err) {
      if (!until?.aborted) toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  async function act(work: () => Promise<unknown>): Promise<void> {
    await told(work);
    again();
  }
  async function busily(work: () => Promise<void>): Promise<void> {
    setDoing((was) => was + 1);
    await work();
    setDoing((was) => was - 1);
  }
  const once = (work: () => Promise<unknown>): Promise<void> => busily(() => act(work));
  async function further(on: (until: AbortSignal) => Promise<T>): Promise<void> {
    const { answered, stop } = now.current;
    // What is shown is an answer to what was asked before.
    if (!answered) return;
    const { signal } = stop;
    const take = async (): Promise<void> => {
      const whole = await on(signal);
      if (!signal.aborted) keep(() => whole);
    };
    await busily(() => told(take, signal));
  }
  return { value, problem, keep: (one) => keep(() => one), again, act, once, further, busy: doing > 0 };
}
