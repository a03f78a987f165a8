/** What an officer said of moments: it is in the picture, it is not, it cannot be told; and what follows from that. */

import type { Answer } from "../../../../api/stills";

export type Marks = ReadonlyMap<number, Answer>;

/** Between two moments that are said differently something changed. */
export interface Transition {
  from: number;
  to: number;
  /** It vanished; else it came. */
  gone: boolean;
}

export const marked = (marks: Marks, at: number, answer: Answer): Marks => {
  const next = new Map(marks);
  if (next.get(at) === answer) next.delete(at);
  else next.set(at, answer);
  return next;
};

/** The changes in order of time; what cannot be told says nothing. */
export function transitions(marks: Marks): Transition[] {
  const known = [...marks].filter(([, answer]) => answer !== "unknown").sort(([a], [b]) => a - b);
  return known.slice(1).flatMap(([to, answer], n) => {
    const [from, before] = known[n]!;
    return answer === before ? [] : [{ from, to, gone: before === "in" }];
  });
}
