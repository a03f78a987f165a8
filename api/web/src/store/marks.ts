/** What one says of events: shown at once, sent after, taken back when it was not kept or on request. */

import { putMark } from "../api/events";
import type { HubEvent, Mark, Verdict } from "../api/types";
import { problemText, t } from "../i18n";
import { toast } from "../ui/toast";
import { session, settle } from "./session";

export type Said = Pick<Mark, "verdict" | "note">;

/** Where a changed event is put in place of the one shown. */
export type Put = (event: HubEvent) => void;

const AT_ONCE = 4;
/** The last word on its way of each event: words go one after the other, and only the last one's answer is shown. */
const last = new Map<string, Promise<unknown>>();

export const saidOf = (event: HubEvent): Said => ({ verdict: event.mark?.verdict ?? null, note: event.mark?.note ?? "" });

function asMark(said: Said): Mark | null {
  if (said.verdict === null && said.note === "") return null;
  return { ...said, marked_by: session.peek()?.user.name ?? "", marked_at: new Date().toISOString() };
}

/** Gives each event what `change` says of it; false when one of them was not kept. */
export async function say(events: readonly HubEvent[], change: (event: HubEvent) => Said, put: Put): Promise<boolean> {
  const changed = events.filter((one) => !same(change(one), saidOf(one)));
  for (const one of changed) put({ ...one, mark: asMark(change(one)) });
  const failed = await send(changed, change, put);
  if (failed > 0) return false;
  if (changed.length > 0) {
    toast(t("mark.done", { n: changed.length }), {
      tone: "ok",
      undo: () => {
        for (const one of changed) put(one);
        void send(changed, saidOf, put);
      },
    });
  }
  return true;
}

/** How many could not be kept; those show what was there before, and one toast says why. */
async function send(events: readonly HubEvent[], change: (event: HubEvent) => Said, put: Put): Promise<number> {
  const waiting = [...events];
  let failed = 0;
  let why = "";
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { id } = one;
      const before = last.get(id) ?? Promise.resolve();
      const word = before.catch(() => {}).then(() => putMark(id, change(one)));
      last.set(id, word);
      let shown = one;
      try {
        shown = { ...one, mark: (await word).mark };
      } catch (err) {
        failed += 1;
        why = problemText(settle(err));
      }
      if (last.get(id) !== word) continue;
      last.delete(id);
      put(shown);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, events.length) }, work));
  if (failed > 0) toast(t("mark.failed", { n: failed, why }), { tone: "bad" });
  return failed;
}

const same = (a: Said, b: Said): boolean => a.verdict === b.verdict && a.note === b.note;

/** The verdict, or none when it is already that: the same key takes it back. */
export function toggled(events: readonly HubEvent[], verdict: Verdict): (event: HubEvent) => Said {
  const all = events.every((one) => one.mark?.verdict === verdict);
  return (event) => ({ verdict: all ? null : verdict, note: event.mark?.note ?? "" });
}
