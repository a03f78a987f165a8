/** The keyboard of the event list. The event under the keys is the one that has the focus, or else the first in sight. */

import { t, word } from "../../i18n";
import type { HubEvent, Verdict } from "../../api/types";
import type { EventList } from "../../store/eventlist";
import { say, toggled } from "../../store/marks";
import { clear, MOST_PICKED, pick, picked } from "../../store/selection";
import { type Binding, useKeys } from "../../ui/keys";
import { toast } from "../../ui/toast";

const LINK = "[data-event] .card-link";

const links = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(LINK)];
const idOf = (link: Element | null | undefined): string | null =>
  link?.closest("[data-event]")?.getAttribute("data-event") ?? null;

/** The event that had the focus last: a button pressed in between, say to undo, does not lose one's place. */
let last: string | null = null;

function focused(): HTMLElement | null {
  const own = document.activeElement?.closest("[data-event]") ?? document.querySelector(`[data-event="${last ?? ""}"]`);
  last = idOf(own);
  return own?.querySelector<HTMLElement>(".card-link") ?? null;
}

/** Columns of the grid as drawn, 1 in the table. */
function columns(): number {
  const grid = document.querySelector(".grid");
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(" ").length : 1;
}

function step(by: number): void {
  const all = links();
  const from = focused();
  const top = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
  const first = all.find((one) => one.getBoundingClientRect().top >= top);
  const to = from ? all[all.indexOf(from) + by] : first;
  last = idOf(to) ?? last;
  to?.focus({ preventScroll: true });
  to?.closest("[data-event]")?.scrollIntoView({ block: "nearest" });
}

function turn(by: number, list: EventList): void {
  scrollBy({ top: by * (innerHeight - 160) });
  if (by > 0 && scrollY + 2 * innerHeight > document.documentElement.scrollHeight) void list.more();
}

/** Those picked, or the one under the keys. */
function meant(list: EventList): HubEvent[] {
  const events = list.events.peek() ?? [];
  if (picked.peek().size > 0) return events.filter((one) => picked.peek().has(one.id));
  const id = idOf(focused());
  return events.filter((one) => one.id === id);
}

function mark(list: EventList, verdict: Verdict): void {
  const events = meant(list);
  if (events.length > 0) void say(events, toggled(events, verdict), (event) => list.put(event));
}

function choose(list: EventList, range: boolean): void {
  const id = idOf(focused());
  const ids = (list.events.peek() ?? []).map((one) => one.id);
  if (id && !pick(id, ids, range)) toast(t("picked.most", { n: MOST_PICKED }), { tone: "bad" });
}

export function useListKeys(list: EventList | null): void {
  const on = (run: (list: EventList) => void) => (): void => {
    if (list) run(list);
  };
  const bindings: Binding[] = [
    { keys: ["j", "arrowright"], label: t("key.next"), run: () => step(1) },
    { keys: ["k", "arrowleft"], label: t("key.previous"), run: () => step(-1) },
    { keys: ["arrowdown"], label: t("key.down"), run: () => step(columns()) },
    { keys: ["arrowup"], label: t("key.up"), run: () => step(-columns()) },
    { keys: ["]"], label: t("key.pageNext"), run: on((one) => turn(1, one)) },
    { keys: ["["], label: t("key.pagePrevious"), run: on((one) => turn(-1, one)) },
    { keys: ["/"], label: t("where.search"), run: () => document.querySelector<HTMLElement>(".slot-where")?.click() },
    { keys: ["x"], label: t("key.pick"), run: on((one) => choose(one, false)) },
    { keys: ["shift+x"], label: t("key.pickRange"), run: on((one) => choose(one, true)) },
    { keys: ["u"], label: word("verdict", "useful"), run: on((one) => mark(one, "useful")) },
    { keys: ["f"], label: word("verdict", "false"), run: on((one) => mark(one, "false")) },
    { keys: ["escape"], label: t("picked.clear"), run: clear },
  ];
  useKeys(t("nav.events"), bindings);
}
