/** The events under a timeline, one by one where they are few: read for what is in sight and a little around it, some time after one stopped moving it. */

import { useEffect, useState } from "preact/hooks";
import { hubNow } from "../api/hubclock";
import type { Mark, Span } from "./footage";
import { marksOf, ONE_BY_ONE_MS } from "./footage";
import { may, settle } from "./session";

const REST_MS = 300;
const AGAIN_MS = 60_000;
/** As much again is read at both sides, so that a small move asks for nothing. */
const AROUND = 0.5;

interface Read {
  span: Span;
  at: number;
  /** Null where they are too many. */
  found: Mark[][] | null;
}

/** Those of each camera in their order; null where they are counted only, or not read. */
export function useMarks(cameras: readonly string[], view: Span): Mark[][] | null {
  const [read, setRead] = useState<Read | null>(null);
  const key = cameras.join();
  const length = view.to - view.from;
  const few = length * (1 + 2 * AROUND) <= ONE_BY_ONE_MS;
  useEffect(() => setRead(null), [key]);
  useEffect(() => {
    const inside = read !== null && read.span.from <= view.from && read.span.to >= Math.min(view.to, hubNow());
    const alike = read !== null && (read.span.to - read.span.from) / length < 8;
    if (!few || !may("see_events") || (inside && alike && hubNow() - read.at < AGAIN_MS)) return undefined;
    const stop = new AbortController();
    const span = { from: Math.round(view.from - AROUND * length), to: Math.round(view.to + AROUND * length) };
    const timer = setTimeout(() => {
      marksOf(cameras, span, stop.signal).then(
        (found) => setRead({ span, at: hubNow(), found }),
        (err: unknown) => !stop.signal.aborted && settle(err), // the lanes keep their counts; the view's own reading says what is wrong
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key, view.from, view.to, read]);
  return few ? (read?.found ?? null) : null;
}
