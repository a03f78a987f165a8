import { useEffect, useState } from "preact/hooks";
import { getPatrol, type Patrol, patrolName } from "../../api/patrols";
import { t } from "../../i18n";
import { useAsked } from "../../store/asked";
import { Shift, walk } from "../../store/patrol";
import { purpose, session } from "../../store/session";
import { Unread } from "../../ui/notice";
import { PurposePanel } from "../purpose";
import { Sheet } from "./sheet";
import { Watch } from "./watch";

/** One patrol: gone on with while it is one's own and runs, and its summary afterwards. */
export function One({ id }: { id: string }) {
  const { value, problem, keep, again } = useAsked((until) => getPatrol(id, until), [id]);
  if (value === null) return <Unread problem={problem} retry={again} />;
  if (value.ended_at !== null || value.user.id !== session.value?.user.id) return <Sheet patrol={value} />;
  return <Running key={value.id} patrol={value} ended={keep} />;
}

function Running({ patrol, ended }: { patrol: Patrol; ended: (patrol: Patrol) => void }) {
  const [own] = useState(() => new Shift(patrol));
  useEffect(() => walk(own), [own]);
  const under = purpose.value?.id === patrol.purpose_id;
  if (!under)
    return (
      <section class="gate panel">
        <h1>{t("patrol.goOn.title", { name: patrolName(patrol) })}</h1>
        <p class="muted">{t("patrol.goOn.why")}</p>
        <PurposePanel done={() => undefined} />
      </section>
    );
  return <Watch shift={own} ended={ended} />;
}
