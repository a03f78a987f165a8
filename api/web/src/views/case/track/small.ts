import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../api/client";
import type { Passer } from "../../../api/pursuit";
import { readSmall } from "../../../api/stills";
import { settle } from "../../../store/session";

/** So many at once: the hub's bound. */
const AT_ONCE = 200;
/** Twice the width of a thumbnail. */
const WIDTH = 320;

interface Small {
  /** An address, null until it is there; of what did not come, undefined: it has to be looked at by itself. */
  of: (one: Passer) => string | null | undefined;
  /** Why some of the passers' pictures were not read. They are not asked for one by one: that is more of what was refused. */
  problem: Problem | null;
  again: () => void;
}

/** Small copies of the passers' pictures, by event, asked for all at once. */
export function useSmall(passers: readonly Passer[]): Small {
  const [small, setSmall] = useState<ReadonlyMap<string, string | undefined | Problem>>(new Map());
  const asked = useRef(new Set<string>());
  /** Null once nobody looks any more. */
  const made = useRef<string[] | null>([]);
  useEffect(() => {
    const ids = passers.flatMap((one) => (one.snapshot_url && one.event_id && !asked.current.has(one.event_id) ? [one.event_id] : []));
    for (const id of ids) asked.current.add(id);
    readAll(ids);
  }, [passers]);
  useEffect(
    () => () => {
      made.current?.forEach((url) => URL.revokeObjectURL(url));
      made.current = null;
    },
    [],
  );

  function readAll(ids: readonly string[]): void {
    for (let begin = 0; begin < ids.length; begin += AT_ONCE) void read(ids.slice(begin, begin + AT_ONCE));
  }

  async function read(ids: readonly string[]): Promise<void> {
    // Not stopped when the list changes: what was asked for is on record as seen, and is kept.
    const came = await readSmall(ids, WIDTH).then(
      (cells) => ids.map((_, place) => cells[place]?.picture ?? undefined),
      (err: unknown) => settle(err),
    );
    if (made.current === null) return;
    const found = ids.map((_, place) => (came instanceof Problem ? came : came[place] && URL.createObjectURL(came[place])));
    made.current.push(...found.filter((one) => typeof one === "string"));
    setSmall((was) => new Map([...was, ...ids.map((id, place) => [id, found[place]] as const)]));
  }

  const had = ({ event_id: id }: Passer): string | null | undefined | Problem => (id === null || small.has(id) ? small.get(id ?? "") : null);
  return {
    of: (one) => {
      const found = had(one);
      return found instanceof Problem ? null : found;
    },
    problem: passers.map(had).find((one) => one instanceof Problem) ?? null,
    again: () => {
      const ids = new Set([...small].flatMap(([id, one]) => (one instanceof Problem ? [id] : [])));
      setSmall((was) => new Map([...was].filter(([id]) => !ids.has(id))));
      readAll([...ids]);
    },
  };
}
