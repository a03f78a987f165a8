import { type Incident, type Incidents, listOver } from "../../../api/incidents";
import { t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { known, link, mine, openOnes, read, readOnce, trouble } from "../../../store/incidents";
import { go, href, route } from "../../../store/route";
import { purpose } from "../../../store/session";
import { soundAlerts } from "../../../store/settings";
import { chime } from "../../../store/chime";
import { Failed, Notice, Stale, Unread } from "../../../ui/notice";
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
  // One closed somewhere appears here without a reload.
  const closed = [...known.value.values()].filter((one) => one.closed_at !== null).length;
  const { value, problem, again, further, busy } = useAsked((until) => listOver(null, until), [closed]);
  if (value === null) return <Unread problem={problem} retry={again} />;
  if (value.incidents.length === 0) return <Notice title={t("incident.none.over")} />;
  async function more(from: Incidents, until: AbortSignal): Promise<Incidents> {
    const page = await listOver(from.next_cursor, until);
    return { ...page, incidents: [...from.incidents, ...page.incidents] };
  }
  return (
    <>
      {problem && <Stale problem={problem} />}
      <Lines list={value.incidents} />
      {value.next_cursor && (
        <button type="button" class="incident-more" disabled={busy} onClick={() => void further((until) => more(value, until))}>
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
