import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { count, type Filters, read, write } from "../../store/filters";
import type { EventList } from "../../store/eventlist";
import { go, href, route } from "../../store/route";
import { Icon } from "../../ui/icon";
import { AskForm } from "./askform";
import type { Part } from "./parts";
import { Saved } from "./saved";
import { Around, More, What } from "./what";
import { When } from "./when";
import { Where } from "./where";

/** Each change goes to the URL, and the list follows the URL; what is open beside the list stays open. */
export function apply(filters: Filters, replace = true): void {
  go(href("events", write(filters), ...route.peek().path), replace);
}

/** The filters as a sentence, each part of it a choice. */
export function Sentence({ list }: { list: EventList | null }) {
  const f = read(route.value.query);
  const part: Part = { f, set: (change) => apply({ ...read(route.peek().query), ...change }) };
  const parts: Record<string, VNode> = {
    where: <Where {...part} />,
    when: <When {...part} />,
    what: <What {...part} />,
    more: (
      <>
        <Around {...part} />
        <More {...part} shown={list?.events.value ?? []} />
      </>
    ),
  };
  const [asking, setAsking] = useState(false);
  if (asking) return <AskForm close={() => setAsking(false)} />;
  return (
    <div class="sentence" role="search" aria-label={t("filters")}>
      {filled(t("search.sentence"), parts)}
      <button type="button" class="quiet" onClick={() => setAsking(true)}>
        <Icon name="note" /> {t("ask.open")}
      </button>
      <Saved f={f} />
      {count(f) > 0 && (
        <button type="button" class="quiet clear" onClick={() => apply(read(new URLSearchParams()))}>
          <Icon name="close" />
          {t("filters.clear")}
        </button>
      )}
    </div>
  );
}

/** A text with parts where it says `{name}`; the words between are only words. */
function filled(text: string, parts: Record<string, VNode>): ComponentChildren {
  return text.split(/\{(\w+)\}/).map((one, at) =>
    at % 2 === 1 ? parts[one] : one.trim() && <span key={one} class="sentence-word">{one.trim()}</span>,
  );
}
