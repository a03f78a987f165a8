import type { IncidentStep } from "../../../api/incidents";
import { t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";

/** Who did what and when, the first above. */
export const Steps = ({ log }: { log: readonly IncidentStep[] }) => (
  <div class="panel">
    <h2>{t("incident.steps")}</h2>
    <ol class="steps">
      {log.map((one) => (
        <li key={one.at + one.step} class={`step step-${one.step}`}>
          <b>{word("incidentStep", one.step)}</b> <span class="muted">
            <span title={one.by}>{one.by_name}</span>
            {one.to && (
              <>
                {" → "}
                <span title={one.to}>{one.to_name}</span>
              </>
            )}
          </span>
          <time class="muted small time" dateTime={one.at}>
            {stamp(one.at)}
          </time>
          {one.note && one.step !== "open" && <p>{one.note}</p>}
        </li>
      ))}
    </ol>
  </div>
);
