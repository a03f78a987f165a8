/** What people sent in for the case one looks under and the case took, as lanes: each device's files at their true times. */

import { readUploads, type Upload } from "../api/canvass";
import type { Problem } from "../api/client";
import { useAsked } from "./asked";
import { bookmarkCase } from "./bookmarks";
import type { Footage, Span } from "./footage";

export interface GivenClip extends Span {
  id: string;
}

export interface GivenLane {
  id: string;
  /** Who gave it, and which device. */
  name: string;
  clips: readonly GivenClip[];
}

export interface Given {
  lanes: readonly GivenLane[];
  /** Files whose clock nobody read, or whose length nobody knows: they have no place on a timeline. */
  undated: number;
  /** Why none were read: not that there are none. */
  problem: Problem | null;
  again: () => void;
}

/** A file of a device is one lane with the device's other files, as a recorder exports them in pieces. */
export function lanesOf(uploads: readonly Upload[]): Pick<Given, "lanes" | "undated"> {
  const taken = uploads.filter((one) => one.state === "accepted" && one.purged_at === null);
  const lanes = new Map<string, { id: string; name: string; clips: GivenClip[] }>();
  for (const one of taken) {
    const lasts = one.examined?.duration_ms;
    if (one.begins_at === null || !lasts) continue;
    const id = `${one.request_id} ${one.device}`;
    const lane = lanes.get(id) ?? { id, name: `${one.entry_name} · ${one.device}`, clips: [] };
    const from = Date.parse(one.begins_at);
    lane.clips.push({ id: one.id, from, to: from + lasts });
    lanes.set(id, lane);
  }
  const found = [...lanes.values()];
  for (const one of found) one.clips.sort((a, b) => a.from - b.from);
  return { lanes: found, undated: taken.length - found.reduce((sum, one) => sum + one.clips.length, 0) };
}

export function useGiven(): Given {
  const of = bookmarkCase();
  const { value, problem, again } = useAsked((until) => (of === null ? Promise.resolve([]) : readUploads(of, until)), [of]);
  return { ...lanesOf(value ?? []), problem: value === null ? problem : null, again };
}

/** The clip of a moment, or the one that is nearest to it. */
export const clipAt = (lane: GivenLane, at: number): GivenClip =>
  lane.clips.reduce((best, one) => (away(one, at) < away(best, at) ? one : best));

const away = (one: Span, at: number): number => Math.max(one.from - at, at - one.to, 0);

/** As a lane draws it: what there is of it is all that is known, and between is neither recorded nor missing. */
export const footageOfClips = (clips: readonly GivenClip[]): Footage => ({
  known: { from: 0, to: 0 },
  spans: clips.map((one) => ({ from: one.from, to: one.to, why: "continuous", playable: true, masked: false })),
  gaps: [],
  holds: [],
  streams: [],
  mode: "none",
  days: 0,
  oldest: null,
  hidden: null,
  offset: null,
  counts: [],
  motion: null,
});
