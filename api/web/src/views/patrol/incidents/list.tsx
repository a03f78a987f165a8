import { useEffect, useState } from "preact/hooks";
import { type Incident, listOver } from "../../../api/incidents";
import type { Problem } from "../../../api/client";
import { problemText, t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { known, link, mine, openOnes, read, readOnce, trouble } from "../../../store/incidents";
import { go, href, route } from "../../../store/route";
import { purpose, settle } from "../../../store/session";
import { soundAlerts } from "../../../store/settings";
import { chime } from "../../../store/chime";
import { Failed, Notice, Stale } from "../../../ui/notice";
import { Segments } from "../../../ui/tabs";
import { Toolbar } from "../../../ui/toolbar";

const SHOWN = ["open", "mine", "over"] as const;
type Shown = (typeof SHOWN)[number];

/** What waits to be dealt with, live; what waits for oneself; and what is over. */
export function List() {
  const shown: Shown = SHOWN.find((one) => one === route.value.query.get("show")) ?? "open";
  const sound = soundAlerts.value === "yes";
  return (
    <section aria-label={t("patrol.part.incidents")}>
      <Toolbar label={t("patrol.part.incidents")}>
        <Segments
          label={t("incident.shown")}
          value={shown}
          options={SHOWN.map((value) => ({ value, label: t(`incident.shown.${value}`) }))}
          onChange={(one) => go(href("patrol", one === "open" ? undefined : new URLSearchParams({ show: one }), "incidents"), true)}
        />
        <span class="grow" />
        {purpose.value && (
          <span class="muted small" role="status">
            <i class={`dot dot-${link.value === "live" ? "ok" : "wait"}`} /> {t(`link.${link.value}`)}
          </span>
        )}
        <button
          type="button"
          class="chip"
          aria-pressed={sound}
          onClick={() => {
            soundAlerts.value = sound ? "no" : "yes";
            if (!sound) chime();
          }}
        >
          {t("alerts.sound")}
        </button>
      </Toolbar>
      {shown === "over" ? <Over /> : <Open only={shown} />}
    </section>
  );
}

function Open({ only }: { only: "open" | "mine" }) {
  const list = only === "mine" ? mine.value : openOnes.value;
  if (!readOnce.value)
    return trouble.value ? (
      <Failed problem={trouble.value} retry={() => void read()} />
    ) : (
      <div class="bone bone-row" role="status" aria-label={t("loading")} />
    );
  return (
    <>
      {trouble.value && <Stale problem={trouble.value} />}
      {list.length === 0 ? (
        <Notice title={t(only === "mine" ? "incident.none.mine" : "incident.none")}>{t("incident.none.how")}</Notice>
      ) : (
        <Lines list={list} />
      )}
    </>
  );
}

/** Closed ones and those that became a case, page by page. */
function Over() {
  const [list, setList] = useState<Incident[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function more(cursor: string | null): Promise<void> {
    try {
      const page = await listOver(cursor);
      setList((was) => [...(cursor ? (was ?? []) : []), ...page.incidents]);
      setNext(page.next_cursor);
      setProblem(null);
    } catch (err) {
      setProblem(settle(err));
    }
  }
  // One closed somewhere appears here without a reload.
  const closed = [...known.value.values()].filter((one) => one.closed_at !== null).length;
  useEffect(() => void more(null), [closed]);
  if (list === null) return problem ? <Failed problem={problem} retry={() => void more(null)} /> : <div class="bone bone-row" role="status" aria-label={t("loading")} />;
  if (list.length === 0) return <Notice title={t("incident.none.over")} />;
  return (
    <>
      <Lines list={list} />
      {problem && (
        <p class="error" role="alert">
          {problemText(problem)}
        </p>
      )}
      {next && (
        <button type="button" class="incident-more" onClick={() => void more(next)}>
          {t("events.more")}
        </button>
      )}
    </>
  );
}

const Lines = ({ list }: { list: readonly Incident[] }) => (
  <ul class="incident-list">
    {list.map((one) => (
      <li key={one.id}>
        <a class="incident-line" href={href("patrol", undefined, "incidents", one.id)}>
          <span class="incident-what">
            <strong>{one.title}</strong> <State of={one} />
            <br />
            <span class="muted">
              {one.village_name} {one.camera_name}
              {one.assigned && ` · ${one.assigned.display_name || one.assigned.name}`}
            </span>
          </span>
          <span class="time muted">{minute(one.opened_at)}</span>
        </a>
      </li>
    ))}
  </ul>
);

const TONES = { open: "bad", assigned: "wait", acknowledged: "wait", checked: "wait", closed: "ok", case: "ok" } as const;

export const State = ({ of }: { of: Pick<Incident, "state"> }) => (
  <span class={`tag tag-${TONES[of.state] ?? "wait"}`}>{word("incidentState", of.state)}</span>
);
