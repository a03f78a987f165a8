import type { ComponentType } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { problemText, t } from "../../i18n";
import { minute } from "../../i18n/time";
import { cameras, refresh as readCameras } from "../../store/cameras";
import { EventList } from "../../store/eventlist";
import { count, isOpenEnded, read, toQuery, write } from "../../store/filters";
import { reachedSpan } from "../../store/reach";
import { go, href, route } from "../../store/route";
import { clear } from "../../store/selection";
import { choosing, may, purpose } from "../../store/session";
import { mapBeside, show, SHOWS } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { Lazy } from "../../ui/lazy";
import { Failed, Notice, Stale } from "../../ui/notice";
import { Segments } from "../../ui/tabs";
import { toast } from "../../ui/toast";
import { PurposeGate } from "../purpose";
import { Bulk } from "./bulk";
import { Detail } from "./detail";
import { ExportButton } from "./exporting";
import { Histogram } from "./histogram";
import { useListKeys } from "./keys";
import { Results } from "./results";
import { Sentence } from "./sentence";
import { WatchedOf } from "./watched";

const TOP_PX = 60;

/** A card under the pointer or the keyboard's focus, one opened, or some picked must not slip away. */
const isReading = (): boolean =>
  document.querySelector(".grid:hover, .lines:hover, [data-event] :focus-visible, dialog[open], .picking") !== null;

export function Events() {
  if (!purpose.value) return <PurposeGate />;
  return <Search key={purpose.value.id} />;
}

function Search() {
  const { path, query } = route.value;
  const id = path[0] ?? null;
  const filters = read(query);
  const key = write(filters).toString();
  const [list, setList] = useState<EventList | null>(null);
  const [hovered, setHovered] = useState<string | null>(null);

  useEffect(() => {
    const now = Date.now();
    const made = new EventList({
      query: toQuery(filters, now),
      newestFirst: filters.order !== "oldest",
      live: isOpenEnded(filters, now, reachedSpan(purpose.peek(), now)),
      atTop: () => scrollY < TOP_PX && !document.hidden && !isReading(),
    });
    setList(made);
    clear();
    // A county's cameras are megabytes, wanted for the filters and the map: they do not hold up the first pictures.
    void made.begin().then(() => (cameras.peek() === null ? readCameras() : undefined));
    return () => made.close();
  }, [key]);
  useListKeys(list);
  useRecovery(list);

  const withMap = mapBeside.value === "yes";
  const loadMap = useCallback(async (): Promise<ComponentType<MapProps>> => (await import("./mapbeside")).MapBeside, []);
  return (
    <section class="events" aria-label={t("nav.events")}>
      <div class="events-head">
        <Sentence list={list} />
        <div class="events-tools">
          <LinkState list={list} />
          <Segments
            label={t("show")}
            value={show.value}
            options={SHOWS.map((one) => ({
              value: one,
              label: (
                <>
                  <Icon name={one === "grid" ? "grid" : "list"} />
                  <span class="unseen">{t(`show.${one}`)}</span>
                </>
              ),
            }))}
            onChange={(one) => {
              show.value = one;
            }}
          />
          <button
            type="button"
            aria-pressed={withMap}
            class="toggle"
            aria-label={t("nav.map")}
            onClick={() => {
              mapBeside.value = withMap ? "no" : "yes";
            }}
          >
            <Icon name="map" />
            <span class="wide-word">{t("nav.map")}</span>
          </button>
          {may("export") && <ExportButton query={exported(filters)} />}
        </div>
      </div>
      <Histogram filters={filters} />
      <div class={withMap ? "events-body events-with-map" : "events-body"}>
        <div class="events-list">{list && <Found list={list} narrowed={count(filters) > 0} hover={setHovered} />}</div>
        {withMap && <Lazy load={loadMap} props={{ list, filters, hovered }} />}
      </div>
      {list && <Bulk list={list} />}
      {id && <Detail id={id} list={list} />}
    </section>
  );
}

type MapProps = Parameters<typeof import("./mapbeside").MapBeside>[0];

/** The hub's query for a file: the list's own, in its order. */
function exported(filters: ReturnType<typeof read>): URLSearchParams {
  const query = toQuery(filters, Date.now());
  query.set("order", filters.order === "oldest" ? "oldest" : "newest");
  return query;
}

/** Says so when the line to the hub stands again after it fell. */
function useRecovery(list: EventList | null): void {
  const link = list?.link.value;
  const was = useRef(link);
  useEffect(() => {
    if (was.current === "offline" && link === "live") toast(t("link.again"), { tone: "ok" });
    was.current = link;
  }, [link]);
}

/** Whether new events come by themselves. Nothing to say where none can: the range is past. */
function LinkState({ list }: { list: EventList | null }) {
  const link = list?.link.value;
  if (!link) return null;
  return (
    <span class={`link link-${link}`} role="status">
      <i class={`dot dot-${link === "live" ? "ok" : link === "offline" ? "bad" : "wait"}`} /> <span>{t(`link.${link}`)}</span>
    </span>
  );
}

interface FoundProps {
  list: EventList;
  narrowed: boolean;
  hover: (camera: string | null) => void;
}

function Found({ list, narrowed, hover }: FoundProps) {
  const events = list.events.value;
  const problem = list.problem.value;
  if (events === null) {
    if (problem?.code === "minors_reason") return <Unsaid problem={problem} />;
    if (problem?.code === "beyond_case") return <Beyond problem={problem} />;
    return problem ? <Failed problem={problem} retry={() => void list.reload()} /> : <WaitingGrid />;
  }
  return (
    <>
      <Above list={list} />
      <LeftOutOf list={list} />
      {problem && <Stale problem={problem} />}
      {events.length === 0 && (
        <Notice
          icon="events"
          title={t("events.none")}
          {...(narrowed ? { action: { label: t("filters.clear"), run: () => go(href("events"), true) } } : {})}
        >
          {narrowed ? t("events.none.narrowed") : t("events.none.yet")}
        </Notice>
      )}
      <Results list={list} hover={hover} />
      {list.cursor.value !== null && <More list={list} />}
      {list.cursor.value === null && events.length > 0 && <p class="end muted">{t("events.end", { n: events.length })}</p>}
      {list.cursor.value === null && <WatchedOf list={list} />}
    </>
  );
}

/** The case does not reach there: a second person may let one look, and what was asked is handed on. */
const Beyond = ({ problem }: { problem: Problem }) => (
  <Notice
    tone="warn"
    title={problemText(problem)}
    action={{ label: t("reach.ask"), run: () => go(href("cases", asked(read(route.value.query)), "approvals", "ask")) }}
  />
);

const choosePurpose = (): void => {
  choosing.value = true;
};

/** Cameras near minors want a reason in words: another purpose says it. */
const Unsaid = ({ problem }: { problem: Problem }) => (
  <Notice tone="warn" title={problemText(problem)} action={{ label: t("reached.reason"), run: choosePurpose }} />
);

/** What one asked for by name and does not see, so that a shorter list is not taken for all there is. */
function LeftOutOf({ list }: { list: EventList }) {
  const out = list.leftOut.value;
  if (out.length === 0) return null;
  const beyond = out.filter((one) => one !== "minors");
  const caseToo = purpose.value?.kind === "case";
  return (
    <div class="left-out" role="status">
      {beyond.length > 0 && (
        <p>
          <Icon name="warning" /> {t("reached.leftOut", { what: beyond.map((one) => t(`reached.out.${one}`)).join(t("list.and")) })}{" "}
          {caseToo && <a href={href("cases", asked(read(route.value.query)), "approvals", "ask")}>{t("reach.ask")}</a>}
        </p>
      )}
      {out.includes("minors") && (
        <p>
          <Icon name="warning" /> {t("reached.minors")}{" "}
          <button type="button" class="quiet link" onClick={choosePurpose}>
            {t("reached.reason")}
          </button>
        </p>
      )}
    </div>
  );
}

function asked(filters: ReturnType<typeof read>): URLSearchParams {
  const hub = toQuery(filters, Date.now());
  const query = new URLSearchParams(filters.place.map((code) => ["place", code]));
  for (const name of ["since", "until"]) if (hub.get(name)) query.set(name, minute(hub.get(name)!));
  return query;
}

/** What waits above what one reads. */
function Above({ list }: { list: EventList }) {
  const waiting = list.pending.value.length;
  if (waiting === 0 && !list.stale.value) return null;
  const reveal = (): void => {
    scrollTo({ top: 0 });
    void list.showPending();
  };
  return (
    <div class="above" role="status">
      <button type="button" class="pill" onClick={reveal}>
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
      { rootMargin: "1200px" },
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
