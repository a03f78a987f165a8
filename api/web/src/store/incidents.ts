/** Open incidents of one's villages, on every view: a list and what the feed says of it, merged by revision. */

import { computed, effect, signal } from "@preact/signals";
import { goesOn, type Incident, listGoing } from "../api/incidents";
import { type Problem, streamAddress } from "../api/client";
import { EventStream, type Link } from "../api/stream";
import { t } from "../i18n";
import { toast } from "../ui/toast";
import { chime } from "./chime";
import { endSession, forgetPurpose, may, phase, purpose, session, settle } from "./session";
import { soundAlerts } from "./settings";

/** What is known of each, closed ones too for as long as the page lives: an older word never wins over a newer one. */
export type Known = ReadonlyMap<string, Incident>;

/** One that was changed; the same map when that was known already. */
export function hear(known: Known, one: Incident): Known {
  const before = known.get(one.id);
  return before && before.revision >= one.revision ? known : new Map(known).set(one.id, one);
}

/** The list as it was when `asked` was known: what it lacks was closed meanwhile, save what came by the feed since. */
export function merge(known: Known, asked: Known, list: readonly Incident[]): Known {
  const read = new Map(list.map((one) => [one.id, one]));
  const merged = new Map(read);
  for (const [id, one] of known) {
    const since = asked.get(id)?.revision !== one.revision;
    if (since && one.revision >= (read.get(id)?.revision ?? 0)) merged.set(id, one);
  }
  return merged;
}

export const known = signal<Known>(new Map());
/** The list was read at least once. */
export const readOnce = signal(false);
export const trouble = signal<Problem | null>(null);
export const link = signal<Link>("connecting");

/** The newest first. */
export const openOnes = computed(() =>
  [...known.value.values()].filter(goesOn).sort((a, b) => (a.opened_at < b.opened_at ? 1 : -1)),
);

/** Those that wait for oneself to do something. */
export const mine = computed(() => openOnes.value.filter((one) => one.assigned?.id === session.value?.user.id));

export async function read(): Promise<void> {
  const asked = known.peek();
  try {
    const { incidents } = await listGoing();
    known.value = merge(known.peek(), asked, incidents);
    readOnce.value = true;
    trouble.value = null;
  } catch (err) {
    trouble.value = settle(err);
  }
}

/** One the hub told of, by the feed or in answer to what somebody did here. */
export function take(one: Incident): void {
  known.value = hear(known.peek(), one);
}

/** Told aloud when it is new here, or was just given to oneself. */
function tell(one: Incident): void {
  const before = known.peek().get(one.id);
  take(one);
  const me = session.peek()?.user;
  const given = one.assigned?.id === me?.id && before?.assigned?.id !== me?.id && goesOn(one);
  const raised = before === undefined && goesOn(one) && one.opened_by !== me?.name;
  if (!given && !raised) return;
  toast(t(given ? "incident.given" : "incident.raised", { title: one.title, where: `${one.village_name} ${one.camera_name}` }), { tone: "bad" });
  if (soundAlerts.peek() === "yes") chime();
}

/** Who works on incidents here; null for nobody. */
const worker = computed(() => (phase.value === "in" && may("work_incidents") ? (session.value?.user.id ?? null) : null));

const EVERY_MS = 20_000;

/**
 * Reads while somebody who works on incidents is signed in: as they change while he looks under a purpose, now and
 * then without one, since what people wrote is no look.
 */
export function follow(): () => void {
  const forget = effect(() => {
    void worker.value;
    known.value = new Map();
    readOnce.value = false;
  });
  const under = computed(() => purpose.value?.id ?? null);
  const listen = effect(() => {
    if (worker.value === null) return undefined;
    void read();
    return under.value === null ? again() : hearing();
  });
  return () => {
    listen();
    forget();
  };
}

function again(): () => void {
  link.value = "connecting";
  const timer = setInterval(() => {
    if (!document.hidden) void read();
  }, EVERY_MS);
  return () => clearInterval(timer);
}

function hearing(): () => void {
  const stream = new EventStream(streamAddress("/incidents/stream"), {
    incident: tell,
    lost: () => void read(),
    open: (gap) => {
      link.value = "live";
      if (gap) void read();
    },
    down: () => {
      link.value = "offline";
    },
    ended: (why) => (why === "session" ? endSession() : forgetPurpose()),
  });
  return () => stream.close();
}
