import { getPlacement, type Placement } from "../../../api/placement";
import type { Kind } from "../../../api/types";
import { listed, t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { may } from "../../../store/session";
import { Unread } from "../../../ui/notice";
import { PlacementForm } from "./form";
import { Sign } from "./sign";

/** What is known of a camera's place, what is missing before it is pulled, and how its filing stands. */
export function PlacementPart({ camera, kind }: { camera: string; kind: Kind }) {
  const { value: now, problem, keep, again } = useAsked((until) => getPlacement(camera, until), [camera]);
  if (now === null) return <Unread problem={problem} retry={again} />;
  return (
    <div class="placement">
      <Stands now={now} />
      <div class="placement-parts">
        {may("register") ? <PlacementForm now={now} keep={keep} /> : <Told now={now} />}
        <Sign now={now} keep={keep} printed={kind !== "civilian"} />
      </div>
    </div>
  );
}

function Stands({ now }: { now: Placement }) {
  const spared = now.grace_until !== null && Date.parse(now.grace_until) > Date.now() && !now.lacks.includes("forbidden");
  return (
    <div class="row placement-stands" role="status">
      {now.lacks.length === 0 ? (
        <span class="tag tag-ok">{t("placement.whole")}</span>
      ) : (
        <>
          <span>{t("placement.lacks")}</span>
          {now.lacks.map((one) => (
            <span key={one} class={`tag ${one === "forbidden" ? "tag-bad" : "tag-wait"}`}>
              {word("lack", one)}
            </span>
          ))}
          <span class="muted small">
            {t(now.lacks.includes("forbidden") ? "placement.never" : spared ? "placement.spared" : "placement.halted", {
              at: now.grace_until === null ? "" : minute(now.grace_until),
            })}
          </span>
        </>
      )}
      <span class={`tag ${now.overdue ? "tag-bad" : now.filing === "filed" ? "tag-ok" : ""}`}>{word("filing", now.filing)}</span>
      {now.due_at !== null && <span class="muted small">{t(now.overdue ? "filing.overdue" : "filing.until", { at: minute(now.due_at).slice(0, 10) })}</span>}
    </div>
  );
}

function Told({ now }: { now: Placement }) {
  const facts: [string, string][] = [
    [t("placement.basis"), now.basis === null ? t("fact.untold") : word("basis", now.basis)],
    [t("placement.purpose"), now.purpose || t("fact.untold")],
    [t("placement.checklist"), listed(now.forbidden.filter((one) => now.answers[one]).map((one) => word("forbidden", one))) || t("placement.all.no")],
    [t("placement.filing_no"), [now.filing_no, now.filed_on].filter(Boolean).join(" · ") || t("fact.untold")],
    [t("placement.agreement"), now.near_sensitive ? now.agreement || t("fact.untold") : "—"],
    [t("placement.near_minors"), t(now.near_minors ? "placement.yes" : "placement.no")],
  ];
  return (
    <dl class="record panel">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
