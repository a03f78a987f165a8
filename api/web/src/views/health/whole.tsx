import type { Online } from "../../api/upkeep";
import { span, t } from "../../i18n";
import { minute } from "../../i18n/time";
import { Notice } from "../../ui/notice";
import { Bar, percent } from "./bar";

/** The two figures everybody asks for: the rate of the span, and how many are online now. */
export function Whole({ told }: { told: Online }) {
  if (told.rate === null && told.due_now === 0)
    return <Notice title={t("online.none")}>{t("online.none.hint")}</Notice>;
  return (
    <>
      <div class="whole">
        <div>
          <p class="whole-figure">{told.rate === null ? "—" : percent(told.rate)}</p>
          <p class="muted time">
            {minute(told.since)} – {minute(told.until)}
          </p>
        </div>
        <div>
          <p class="whole-figure">
            {told.online_now} <small>{t("online.due", { n: told.due_now })}</small>
          </p>
          <p class="muted">{t("online.now")}</p>
        </div>
        <div class="whole-bar">
          <Bar rate={told.rate} />
          <p class="muted small">{t("online.means")}</p>
        </div>
      </div>
      {told.hub_down_s > 0 && (
        <details class="hub-down">
          <summary>
            <i class="dot dot-wait" /> {t("online.hubDown", { span: span(told.hub_down_s * 1000) })}
          </summary>
          <ul aria-label={t("online.hubDown.list")}>
            {told.hub_down.map((gap) => (
              <li key={gap.since} class="time">
                {minute(gap.since)} – {minute(gap.until)}{" "}
                <span class="muted">{span(Date.parse(gap.until) - Date.parse(gap.since))}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
