import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { refresh as readCameras } from "../../store/cameras";
import { EventList } from "../../store/eventlist";
import { count, isOpenEnded, read, toQuery, write } from "../../store/filters";
import { go, href, route } from "../../store/route";
import { purpose } from "../../store/session";
import { language } from "../../store/settings";
import { Failed, Notice, Stale } from "../../ui/notice";
import { PurposePanel } from "../purpose";
import { Card } from "./card";
import { Detail } from "./detail";
import { FilterBar } from "./filters";
import { Histogram } from "./histogram";

const TOP_PX = 60;

/** A card under the pointer or the keyboard's focus, or one opened, must not slip away under it. */
const isReading = (): boolean => document.querySelector(".grid:hover, .grid :focus-visible, dialog[open]") !== null;

export function Events() {
  if (!purpose.value) {
    return (
      <section class="gate panel">
        <h2>{t("purpose.title")}</h2>
        <PurposePanel done={() => undefined} />
      </section>
    );
  }
  return <Search key={purpose.value.id} />;
}

function Search() {
  const { path, query } = route.value;
  const id = path[0] ?? null;
  const filters = read(query);
  const key = write(filters).toString();
  const [list, setList] = useState<EventList | null>(null);

  useEffect(() => void readCameras(), []);
  useEffect(() => {
    const now = Date.now();
    const made = new EventList({
      query: toQuery(filters, now),
      newestFirst: filters.order !== "oldest",
      live: isOpenEnded(filters, now),
      atTop: () => scrollY < TOP_PX && !document.hidden && !isReading(),
    });
    setList(made);
    void made.begin();
    return () => made.close();
  }, [key]);

  return (
    <section class="events" aria-label={t("nav.events")}>
      <FilterBar list={list} />
      <Histogram filters={filters} />
      {list && <Results list={list} narrowed={count(filters) > 0} />}
      {id && <Detail id={id} list={list} />}
    </section>
  );
}

function Results({ list, narrowed }: { list: EventList; narrowed: boolean }) {
  const events = list.events.value;
  const problem = list.problem.value;
  const query = route.value.query;
  if (events === null)
    return problem ? <Failed problem={problem} retry={() => void list.reload()} /> : <WaitingGrid />;
  return (
    <>
      <Above list={list} />
      {problem && <Stale problem={problem} />}
      {events.length === 0 && (
        <Notice
          title={t("events.none")}
          {...(narrowed ? { action: { label: t("filters.clear"), run: () => go(href("events"), true) } } : {})}
        >
          {narrowed ? t("events.none.narrowed") : t("events.none.yet")}
        </Notice>
      )}
      <div class="grid">
        {events.map((one) => (
          <Card key={one.id} event={one} link={href("events", query, one.id)} language={language.value} />
        ))}
      </div>
      {list.cursor.value !== null && <More list={list} />}
      {list.cursor.value === null && events.length > 0 && <p class="end muted">{t("events.end", { n: events.length })}</p>}
    </>
  );
}

/** What waits above what one reads. */
function Above({ list }: { list: EventList }) {
  const waiting = list.pending.value.length;
  if (waiting === 0 && !list.stale.value) return null;
  const show = (): void => {
    scrollTo({ top: 0 });
    void list.showPending();
  };
  return (
    <div class="above" role="status">
      <button type="button" class="pill" onClick={show}>
        ↑ {list.stale.value ? t("events.stale") : t("events.new", { n: waiting })}
      </button>
    </div>
  );
}

/** The next page, fetched when its button comes near, or by pressing it. */
function More({ list }: { list: EventList }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return undefined;
    const near = new IntersectionObserver(
      ([seen]) => {
        if (seen?.isIntersecting && list.problem.peek() === null) void list.more();
      },
      { rootMargin: "600px" },
    );
    near.observe(button.current);
    return () => near.disconnect();
  }, [list, list.cursor.value]);
  return (
    <div class="more">
      <button ref={button} type="button" disabled={list.loadingMore.value} onClick={() => void list.more()}>
        {t(list.loadingMore.value ? "loading" : "events.more")}
      </button>
    </div>
  );
}

const WaitingGrid = () => (
  <div class="grid" role="status" aria-label={t("loading")}>
    {Array.from({ length: 12 }, (_, one) => (
      <div key={one} class="bone bone-card" />
    ))}
  </div>
);
