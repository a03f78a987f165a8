import { useEffect, useMemo, useState } from "preact/hooks";
import { listPatrols, type PatrolSummary, patrolName, personName } from "../../api/patrols";
import type { Problem } from "../../api/client";
import { span, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { type By, BYS, grouped, table } from "../../store/patrolrates";
import { href } from "../../store/route";
import { settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Notice, Stale, Unread } from "../../ui/notice";
import { save } from "../../ui/save";
import { Segments } from "../../ui/tabs";
import { Toolbar } from "../../ui/toolbar";
import { Chart } from "./chart";
import { percent } from "./rate";

const DAYS = ["7", "30", "90"] as const;
type Days = (typeof DAYS)[number];
const DAY_MS = 86_400_000;
/** Pages read for a chart: a county's months. */
const MOST_PAGES = 10;

async function readAll(days: Days, until: AbortSignal): Promise<PatrolSummary[]> {
  const query = new URLSearchParams({ since: new Date(Date.now() - Number(days) * DAY_MS).toISOString(), limit: "200" });
  const found: PatrolSummary[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { patrols, next_cursor } = await listPatrols(query, until);
    found.push(...patrols);
    if (next_cursor === null) break;
    query.set("cursor", next_cursor);
  }
  return found;
}

/** Patrols that were walked, and how much of each was looked at: by week, plan and person. */
export function History() {
  const [days, setDays] = useState<Days>("30");
  const [by, setBy] = useState<By>("week");
  const [list, setList] = useState<PatrolSummary[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    readAll(days, stop.signal).then(
      (found) => {
        setList(found);
        setProblem(null);
      },
      (err: unknown) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [days, round]);
  const rows = useMemo(() => grouped(list ?? [], by), [list, by]);
  if (list === null) return <Unread problem={problem} retry={() => setRound(round + 1)} />;
  return (
    <section aria-label={t("patrol.part.history")}>
      {problem && <Stale problem={problem} />}
      <Toolbar label={t("patrol.part.history")}>
        <Segments label={t("history.span")} value={days} options={DAYS.map((value) => ({ value, label: t("history.days", { n: value }) }))} onChange={setDays} />
        <span class="grow" />
        <button type="button" disabled={list.length === 0} onClick={() => save(new Blob([table(list)], { type: "text/csv;charset=utf-8" }), "patrols.csv")}>
          <Icon name="export" /> {t("rate.csv")}
        </button>
      </Toolbar>
      {list.length === 0 ? (
        <Notice title={t("history.none")}>{t("history.none.how")}</Notice>
      ) : (
        <>
          <div class="panel history-chart">
            <div class="row">
              <h2>{t("history.rate")}</h2>
              <span class="grow" />
              <Segments label={t("history.by")} value={by} options={BYS.map((value) => ({ value, label: t(`history.by.${value}`) }))} onChange={setBy} />
            </div>
            <Chart rows={rows} />
          </div>
          <Lines list={list} />
        </>
      )}
    </section>
  );
}

const Lines = ({ list }: { list: readonly PatrolSummary[] }) => (
  <ul class="history-list">
    {list.map((one) => (
      <li key={one.id}>
        <a class="history-line" href={href("patrol", undefined, one.id)}>
          <span class="history-what">
            <b>{patrolName(one)}</b>
            <span class="muted small">
              {personName(one.user)} · <span class="time">{minute(one.started_at)}</span> ·{" "}
              {one.ended_at ? span(Date.parse(one.ended_at) - Date.parse(one.started_at)) : t("patrol.running")}
            </span>
          </span>
          <span class="history-said">
            {(["suspicious", "fault", "covered"] as const).map(
              (verdict) =>
                (one.verdicts[verdict] ?? 0) > 0 && (
                  <span key={verdict} class={`tag patrol-${verdict}`}>
                    {word("patrolVerdict", verdict)} {one.verdicts[verdict]}
                  </span>
                ),
            )}
          </span>
          <span class="history-rate">
            <b>{percent(one.rate)}</b>
            <span class="muted small time">
              {one.done}/{one.due}
            </span>
          </span>
        </a>
      </li>
    ))}
  </ul>
);
