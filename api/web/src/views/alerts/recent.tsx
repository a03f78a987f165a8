import { useEffect, useState } from "preact/hooks";
import type { HubAlert } from "../../api/alerts";
import { pictureOf } from "../../api/client";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { alerts, allowDesktop, link, read, trouble, unseen } from "../../store/alerts";
import { chime } from "../../store/chime";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { desktopAlerts, soundAlerts } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { Failed, Notice, Stale } from "../../ui/notice";
import { Toolbar } from "../../ui/toolbar";

/** What the rules told in the last day. */
export function Recent() {
  const list = alerts.value;
  const waiting = unseen.value;
  useEffect(() => {
    unseen.value = 0;
  }, [waiting]);
  return (
    <>
      <Toolbar label={t("alerts.recent")}>
        <span class="muted" role="status">
          <i class={`dot dot-${link.value === "live" ? "ok" : "wait"}`} /> {t(`link.${link.value}`)}
        </span>
        <span class="grow" />
        <Wishes />
      </Toolbar>
      {trouble.value && list !== null && <Stale problem={trouble.value} />}
      {list === null ? (
        trouble.value ? (
          <Failed problem={trouble.value} retry={() => void read()} />
        ) : (
          <div class="bone bone-row" role="status" aria-label={t("loading")} />
        )
      ) : list.length === 0 ? (
        <Notice title={t("alerts.none")}>{t(may("manage_alerts") ? "alerts.none.make" : "alerts.none.ask")}</Notice>
      ) : (
        <ul class="alert-list">
          {list.map((one) => (
            <Line key={one.id} alert={one} />
          ))}
        </ul>
      )}
    </>
  );
}

function Line({ alert }: { alert: HubAlert }) {
  const { event } = alert;
  return (
    <li>
      <a class="alert-line" href={href("events", undefined, event.id)}>
        {event.has_snapshot ? (
          <img loading="lazy" src={event.snapshot_url ?? pictureOf(event.id)} alt="" width="96" height="54" />
        ) : (
          <span class="alert-no-picture" />
        )}
        <span class="alert-what">
          <strong>{alert.rule_name}</strong> <span class="tag">{word("label", event.label)}</span>
          {alert.events > 1 && <span class="muted"> {t("alerts.more", { n: alert.events })}</span>}
          <br />
          {event.village_name} {event.camera_name}
        </span>
        <span class="time muted">{stamp(event.started_at)}</span>
      </a>
    </li>
  );
}

/** How this desk is told. */
function Wishes() {
  const [refused, setRefused] = useState(false);
  const desktop = desktopAlerts.value === "yes";
  const sound = soundAlerts.value === "yes";
  async function toggleDesktop(): Promise<void> {
    const allowed = desktop || (await allowDesktop());
    setRefused(!allowed);
    if (allowed) desktopAlerts.value = desktop ? "no" : "yes";
  }
  return (
    <>
      {refused && (
        <span class="field-error" role="alert">
          {t("alerts.desktop.refused")}
        </span>
      )}
      <button type="button" class="chip" aria-pressed={desktop} onClick={() => void toggleDesktop()}>
        <Icon name="alerts" /> {t("alerts.desktop")}
      </button>
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
    </>
  );
}
