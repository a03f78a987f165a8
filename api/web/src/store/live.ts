/** The page's one link for live pictures, shared by all tiles; it lives as the session's purpose does. */

import { effect } from "@preact/signals";
import { currentSession, Problem } from "../api/client";
import { hubClock } from "../api/hubclock";
import { LiveLink, type Tile, type Wanted } from "../api/live";
import { endSession, forgetPurpose, purpose } from "./session";

function address(): string {
  const at = new URL("/api/v1/live", location.href);
  at.protocol = at.protocol === "https:" ? "wss:" : "ws:";
  return at.href;
}

const SESSION_ENDED = 4401;

/** A refused handshake tells a page nothing, so the session is asked; no answer means that the hub is away. */
async function stillLooking(code: number): Promise<boolean> {
  if (code === SESSION_ENDED) {
    endSession();
    return false;
  }
  try {
    const found = await currentSession();
    if (found === null) endSession();
    else if (found.purpose === null) forgetPurpose();
    return found !== null && found.purpose !== null;
  } catch (err) {
    if (!(err instanceof Problem)) throw err;
    return true;
  }
}

const link = new LiveLink(address(), stillLooking, hubClock);
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
