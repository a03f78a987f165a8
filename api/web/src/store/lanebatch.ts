/** What several lanes ask for at once, of the same stretch, goes to the hub as one question: one answer, one row on record. */

import { Problem } from "../api/client";
import { type Lane, type Lanes, lanes } from "../api/lanes";
import type { Stream } from "../api/recordings";

export const MOST_LANES = 12;

interface Waiting {
  camera: string;
  done: (told: { lane: Lane; bucket: Lanes["bucket"] }) => void;
  failed: (err: unknown) => void;
}

const batches = new Map<string, Waiting[]>();

/** One camera's lane over a stretch. Throws the Problem that refuses it. */
export function laneOf(camera: string, from: number, to: number, stream: Stream): Promise<{ lane: Lane; bucket: Lanes["bucket"] }> {
  const key = `${from} ${to} ${stream}`;
  return new Promise((done, failed) => {
    const waiting = batches.get(key);
    if (waiting) waiting.push({ camera, done, failed });
    else {
      batches.set(key, [{ camera, done, failed }]);
      queueMicrotask(() => void send(key, from, to, stream));
    }
  });
}

async function send(key: string, from: number, to: number, stream: Stream): Promise<void> {
  const all = batches.get(key) ?? [];
  batches.delete(key);
  for (let at = 0; at < all.length; at += MOST_LANES) {
    const some = all.slice(at, at + MOST_LANES);
    try {
      const told = await lanes([...new Set(some.map((one) => one.camera))], from, to, stream);
      for (const one of some) {
        const lane = told.lanes.find((other) => other.camera_id === one.camera);
        if (lane?.recordings) one.done({ lane, bucket: told.bucket });
        else one.failed(new Problem(403, lane?.refused ?? "camera_unknown", lane?.refused ?? "camera_unknown"));
      }
    } catch (err) {
      for (const one of some) one.failed(err);
    }
  }
}
