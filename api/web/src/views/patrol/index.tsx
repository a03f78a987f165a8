import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { follow } from "../../store/cameras";
import { openOnes } from "../../store/incidents";
import { go, href, route } from "../../store/route";
import { may } from "../../store/session";
import { Tabs } from "../../ui/tabs";
import "../../styles/patrol.css";
import { History } from "./history";
import { Incidents } from "./incidents";
import { One } from "./one";
import { Plans } from "./plans";
import { Start } from "./start";

const PARTS = ["start", "incidents", "history", "plans"] as const;
type Part = (typeof PARTS)[number];

const allowed = (part: Part): boolean =>
  ({ start: may("open_patrol"), incidents: may("work_incidents"), history: true, plans: true })[part];

/** `#/patrol/incidents/<id>`, `#/patrol/plans/<id>`, `#/patrol/<id>`: a shift's patrol and what comes of it. */
export function PatrolView() {
  useEffect(follow, []);
  const [first, ...rest] = route.value.path;
  const named = PARTS.find((one) => one === first);
  const parts = PARTS.filter(allowed);
  if (first !== undefined && named === undefined) return <One key={first} id={first} />;
  const part = named && parts.includes(named) ? named : parts[0]!;
  const shown = {
    start: <Start />,
    incidents: <Incidents id={rest[0] ?? null} />,
    history: <History />,
    plans: <Plans id={rest[0] ?? null} />,
  }[part];
  return (
    <section class="patrol" aria-label={t("nav.patrol")}>
      <Tabs
        label={t("nav.patrol")}
        value={part}
        options={parts.map((one) => ({
          value: one,
          label: t(`patrol.part.${one}`),
          ...(one === "incidents" && openOnes.value.length > 0 ? { count: openOnes.value.length } : {}),
        }))}
        onChange={(one) => go(href("patrol", undefined, ...(one === "start" ? [] : [one])))}
      >
        {shown}
      </Tabs>
    </section>
  );
}
