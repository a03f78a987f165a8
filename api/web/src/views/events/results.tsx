import { useRef } from "preact/hooks";
import type { HubEvent } from "../../api/types";
import { t } from "../../i18n";
import type { EventList } from "../../store/eventlist";
import { href, route } from "../../store/route";
import { MOST_PICKED, pick, picked } from "../../store/selection";
import { language, show } from "../../store/settings";
import { toast } from "../../ui/toast";
import { useInSight } from "../../ui/insight";
import { Card, type ItemProps, Line } from "./card";

/** The events as pictures or as lines. `hover` hears over which camera's event the pointer or the focus stands. */
export function Results({ list, hover }: { list: EventList; hover: (camera: string | null) => void }) {
  const events = list.events.value ?? [];
  const query = route.value.query;
  const chosen = picked.value;
  const choose = (id: string, range: boolean): void => {
    const ids = (list.events.peek() ?? []).map((one) => one.id);
    if (!pick(id, ids, range)) toast(t("picked.most", { n: MOST_PICKED }), { tone: "bad" });
  };
  const propsOf = (event: HubEvent): ItemProps => ({
    event,
    link: href("events", query, event.id),
    language: language.value,
    picked: chosen.has(event.id),
    pick: choose,
  });
  const over = ({ target }: Event): void =>
    hover((target as Element).closest("[data-camera]")?.getAttribute("data-camera") ?? null);
  const props = { events, propsOf, over, out: () => hover(null), picking: chosen.size > 0 };
  return show.value === "grid" ? <Grid {...props} /> : <Table {...props} />;
}

interface Props {
  events: readonly HubEvent[];
  propsOf: (event: HubEvent) => ItemProps;
  over: (event: Event) => void;
  out: () => void;
  picking: boolean;
}

function Grid({ events, propsOf, over, out, picking }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { from, to, above, below } = useInSight(box, events.length, ".card");
  return (
    <div class={picking ? "grid picking" : "grid"} ref={box} onMouseOver={over} onMouseLeave={out} onFocusIn={over}>
      {above > 0 && <div class="room" style={{ height: `${above}px` }} />}
      {events.slice(from, to).map((one) => (
        <Card key={one.id} {...propsOf(one)} />
      ))}
      {below > 0 && <div class="room" style={{ height: `${below}px` }} />}
    </div>
  );
}

const COLUMNS = ["started", "what", "score", "where", "village", "rule", "said"] as const;

function Table({ events, propsOf, over, out, picking }: Props) {
  const box = useRef<HTMLTableSectionElement>(null);
  const { from, to, above, below } = useInSight(box, events.length, ".line");
  if (events.length === 0) return null;
  return (
    <div class="table lines">
      <table class={picking ? "picking" : ""}>
        <thead>
          <tr>
            <th>
              <span class="unseen">{t("picked.column")}</span>
            </th>
            <th>{t("fact.picture")}</th>
            {COLUMNS.map((one) => (
              <th key={one} class={one === "score" ? "number" : undefined}>
                {t(`fact.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={box} onMouseOver={over} onMouseLeave={out} onFocusIn={over}>
          {above > 0 && (
            <tr class="room" aria-hidden="true">
              <td colSpan={9} style={{ height: `${above}px` }} />
            </tr>
          )}
          {events.slice(from, to).map((one) => (
            <Line key={one.id} {...propsOf(one)} />
          ))}
          {below > 0 && (
            <tr class="room" aria-hidden="true">
              <td colSpan={9} style={{ height: `${below}px` }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
