import { useState } from "preact/hooks";
import type { Incident } from "../../../api/incidents";
import { t } from "../../../i18n";

/** What was before the camera, under the session's purpose; each look is on record. */
export function Picture({ incident }: { incident: Incident }) {
  const [gone, setGone] = useState(false);
  if (gone) return <p class="incident-empty muted">{t("incident.picture.none")}</p>;
  return (
    <img
      class="incident-picture"
      src={incident.picture_url}
      alt={t("picture.alt", { camera: incident.camera_name, what: incident.title })}
      onError={() => setGone(true)}
    />
  );
}
