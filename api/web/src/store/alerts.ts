/** Alerts of the last day, told as they are raised: on the desktop and by a sound where one asked for it. */

import { effect, signal } from "@preact/signals";
import { type HubAlert, listAlerts } from "../api/alerts";
import type { Problem } from "../api/client";
import { streamAddress } from "../api/client";
import { EventStream, type Link } from "../api/stream";
import { word } from "../i18n";
import { clock } from "../i18n/time";
import { toast } from "../ui/toast";
import { chime } from "./chime";
import { go, href } from "./route";
import { endSession, forgetPurpose, purpose, settle } from "./session";
import { desktopAlerts, soundAlerts } from "./settings";

export const alerts = signal<HubAlert[] | null>(null);
export const trouble = signal<Problem | null>(null);
export const link = signal<Link>("connecting");
/** How many came since the list was last looked at. */
export const unseen = signal(0);

const MOST = 200;

export function headline(alert: HubAlert): string {
  const { event } = alert;
  return `${event.village_name} ${event.camera_name} · ${word("label", event.label)} ${clock(event.started_at)}`;
}

export async function read(): Promise<void> {
  const [under, before] = [purpose.peek(), alerts.peek() ?? []];
  try {
    const found = await listAlerts();
    if (purpose.peek() !== under) return;
    // Those told while it was read may be missing in it.
    const since = (alerts.peek() ?? []).filter((one) => !before.includes(one) && !found.some((other) => other.id === one.id));
    alerts.value = [...since, ...found].slice(0, MOST);
    trouble.value = null;
  } catch (err) {
    if (purpose.peek() === under) trouble.value = settle(err);
  }
}

function tell(alert: HubAlert): void {
  alerts.value = [alert, ...(alerts.peek() ?? [])].slice(0, MOST);
  unseen.value += 1;
  toast(`${alert.rule_name}：${headline(alert)}`, { tone: "bad" });
  if (alert.sound && soundAlerts.peek() === "yes") chime();
  if (desktopAlerts.peek() === "yes" && document.hidden) desktop(alert);
}

function desktop(alert: HubAlert): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(alert.rule_name, { body: headline(alert), tag: alert.id, lang: document.documentElement.lang });
  shown.onclick = () => {
    focus();
    go(href("events", undefined, alert.event.id));
    shown.close();
  };
}

/** Asks the browser once; false where it refuses or cannot. */
export async function allowDesktop(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** Listens while somebody looks under a purpose: without one nothing is told. */
export function follow(): () => void {
  return effect(() => {
    alerts.value = null;
    unseen.value = 0;
    if (!purpose.value) return undefined;
    void read();
    const stream = new EventStream(streamAddress("/alerts/stream"), {
      alert: tell,
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
  });
}

