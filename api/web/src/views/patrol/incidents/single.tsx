import { useEffect } from "preact/hooks";
import { getIncident, type Incident, type IncidentStep } from "../../../api/incidents";
import { t } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { cameras } from "../../../store/cameras";
import { known } from "../../../store/incidents";
import { href } from "../../../store/route";
import { may, purpose } from "../../../store/session";
import { Icon } from "../../../ui/icon";
import { Stale, Unread } from "../../../ui/notice";
import { Actions } from "./actions";
import { Gate } from "./gate";
import { State } from "./list";
import { Picture } from "./picture";
import { Spot } from "./spot";
import { Steps } from "./steps";

/** One incident: what was seen and where, what was done, and what one can do now. */
export function Single({ id }: { id: string }) {
  const { value, problem, again } = useAsked((until) => getIncident(id, until), [id, purpose.value?.id]);
  const told = known.value.get(id)?.revision ?? 0;
  // Somebody else did something: the feed says so, the steps are read anew.
  useEffect(() => {
    if (value !== null && told > value.incident.revision) again();
  }, [told, value]);
  return (
    <section class="incident" aria-label={t("incident")}>
      <a class="back" href={href("patrol", undefined, "incidents")}>
        <Icon name="left" /> {t("incident.all")}
      </a>
      {value === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          <Whole incident={value.incident} log={value.log} again={again} />
        </>
      )}
    </section>
  );
}

function Whole({ incident, log, again }: { incident: Incident; log: readonly IncidentStep[]; again: () => void }) {
  const camera = cameras.value?.find((one) => one.id === incident.camera_id);
  return (
    <>
      <div class="incident-head">
        <h1>{incident.title}</h1>
        <State of={incident} />
        {incident.case_number && <span class="tag">{incident.case_number}</span>}
      </div>
      <p class="muted incident-where">
        {incident.village_name} {incident.camera_name} · <span class="time">{stamp(incident.happened_at)}</span>
      </p>
      {incident.note && <p class="incident-lead">{incident.note}</p>}
      <div class="incident-body">
        <div class="incident-seen">
          {purpose.value ? (
            <Picture incident={incident} />
          ) : (
            <Gate incident={incident} />
          )}
          <div class="row incident-ways">
            {may("watch_live") && !incident.camera_removed && (
              <a class="button" href={href("wall", undefined, "camera", incident.camera_id)}>
                <Icon name="live" /> {t("incident.live")}
              </a>
            )}
            {incident.event_id && may("see_events") && (
              <a class="button" href={href("events", undefined, incident.event_id)}>
                <Icon name="events" /> {t("incident.event")}
              </a>
            )}
          </div>
          {camera && camera.lat !== null && <Spot camera={camera} />}
        </div>
        <div class="incident-done">
          <Actions key={incident.id} incident={incident} again={again} />
          <Steps log={log} />
        </div>
      </div>
    </>
  );
}
