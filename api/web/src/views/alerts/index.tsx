import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { go, href, route } from "../../store/route";
import { may, purpose } from "../../store/session";
import { Tabs } from "../../ui/tabs";
import { PurposeGate } from "../purpose";
import "../../styles/alerts.css";
import { Deliveries } from "./deliveries";
import { Recent } from "./recent";
import { Rules } from "./rules";
import { Targets } from "./targets";

const PARTS = ["recent", "rules", "targets", "log"] as const;
type Part = (typeof PARTS)[number];

/** `#/alerts/rules`: what was told, and for those who may, what shall be told, where, and how that went. */
export function Alerts() {
  const wanted = PARTS.find((one) => one === route.value.path[0]);
  const parts = PARTS.filter((one) => one === "recent" || may("manage_alerts"));
  const part: Part = wanted && parts.includes(wanted) ? wanted : "recent";
  useEffect(() => {
    if (wanted !== part && route.value.path.length > 0) go(href("alerts"), true);
  }, [wanted, part]);
  const shown = {
    recent: <Under><Recent /></Under>,
    rules: <Rules />,
    targets: <Targets />,
    log: <Under><Deliveries key={purpose.value?.id} /></Under>,
  }[part];
  if (parts.length === 1) return <section class="alerts">{shown}</section>;
  return (
    <section class="alerts" aria-label={t("nav.alerts")}>
      <Tabs
        label={t("nav.alerts")}
        value={part}
        options={parts.map((one) => ({ value: one, label: t(`alerts.${one}`) }))}
        onChange={(one) => go(href("alerts", undefined, ...(one === "recent" ? [] : [one])))}
      >
        {shown}
      </Tabs>
    </section>
  );
}

/** What tells of events is shown under a purpose; without one, asks for it. */
function Under({ children }: { children: ComponentChildren }) {
  return purpose.value ? <>{children}</> : <PurposeGate />;
}
