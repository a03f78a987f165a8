/** The page's one link for live pictures, shared by all tiles; it lives as the session's purpose does. */

import { effect } from "@preact/signals";
import { Problem } from "../api/client";
import { hubClock } from "../api/hubclock";
import { LiveLink, type Tile, type Wanted } from "../api/live";
import { endSession, purpose, stillLooking } from "./session";

function address(): string {
  const at = new URL("/api/v1/live", location.href);
  at.protocol = at.protocol === "https:" ? "wss:" : "ws:";
  return at.href;
}

const SESSION_ENDED = 4401;

/** Whether the link is tried again; no answer means that the hub is away. */
async function fell(code: number): Promise<boolean> {
  if (code === SESSION_ENDED) {
    endSession();
    return false;
  }
  try {
    return await stillLooking();
  } catch (err) {
    if (!(err instanceof Problem)) throw err;
    return true;
  }
}

const link = new LiveLink(address(), fell, hubClock);
addEventListener("online", () => link.retry());

let under: string | null = null;
effect(() => {
  const now = purpose.value?.id ?? null;
  if (now === under) return;
  under = now;
  // What is on the wall is on record under its purpose: another one is another look.
  link.close();
  if (now !== null) link.retry();
});

/** Shows a camera until the returned function is called. */
export const openTile = (wanted: Wanted, to: Tile): (() => void) => link.open(wanted, to);
