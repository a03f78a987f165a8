import { t } from "../i18n";
import { clock } from "../i18n/time";
import { mine, openOnes } from "../store/incidents";
import { href, route } from "../store/route";
import { Icon } from "../ui/icon";

/** Open incidents in one line under the header, on every view: how many, and the newest; one's own first. */
export function IncidentStrip() {
  const open = openOnes.value;
  const newest = mine.value[0] ?? open[0];
  if (!newest || (route.value.view === "patrol" && route.value.path[0] === "incidents")) return null;
  return (
    <p class="strip strip-incident" role="status">
      <Icon name="flag" />
      <a href={href("patrol", undefined, "incidents")} class="strip-count">
        {t("incident.n", { n: open.length })}
      </a>
      <a class="strip-newest" href={href("patrol", undefined, "incidents", newest.id)}>
        {mine.value.length > 0 && <b>{t("incident.yours")} </b>}
        {newest.title} <span class="muted">{`${newest.village_name} ${newest.camera_name} ${clock(newest.opened_at)}`}</span>
      </a>
    </p>
  );
}
