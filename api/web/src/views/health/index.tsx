import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { health, trouble as hubTrouble } from "../../store/health";
import { bounds, chosen, follow, online, reading, trouble } from "../../store/online";
import { route } from "../../store/route";
import "../../styles/upkeep.css";
import { Failed, Stale } from "../../ui/notice";
import { Down } from "./down";
import { Parts } from "./parts";
import { Purges } from "./purges";
import { Rates } from "./rates";
import { Recordings } from "./recordings";
import { Reported } from "./reported";
import { Spans } from "./spans";
import { Whole } from "./whole";

/** Whether cameras and hub work: the online rate of a span, what is to look after now, and the hub's own parts. */
export function Health() {
  const what = chosen(route.value.query);
  const [round, setRound] = useState(0);
  useEffect(() => follow(what), [what.span, what.from, what.to, round]);
  const told = online.value;
  const possible = bounds(what, Date.now()) !== null;
  return (
    <section class="health" aria-label={t("nav.health")}>
      {trouble.value && told && <Stale problem={trouble.value} />}
      {hubTrouble.value && !trouble.value && <Stale problem={hubTrouble.value} />}
      <div class="panel" aria-busy={reading.value}>
        <div class="upkeep-head">
          <h2>{t("online.title")}</h2>
          <Spans what={what} possible={possible} />
        </div>
        {told ? (
          <Whole told={told} />
        ) : trouble.value ? (
          <Failed problem={trouble.value} retry={() => setRound((was) => was + 1)} />
        ) : (
          <div class="waiting" role="status">
            <span class="muted">{t("online.reading")}</span>
            <div class="bone bone-row" />
            <div class="bone bone-row" />
          </div>
        )}
      </div>
      {told && <Down cameras={told.cameras} />}
      <Reported />
      {told && told.cameras.length > 0 && <Rates told={told} />}
      <Recordings />
      <Purges />
      {health.value && <Parts now={health.value} />}
    </section>
  );
}
