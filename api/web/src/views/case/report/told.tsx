import type { Report, Reported } from "../../../api/cases";
import type { Case } from "../../../api/types";
import { t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { called } from "../people";

const what = (one: Report): string => `${one.item_text || word("item", one.item)} · ${word("manner", one.manner)}`;
const where = (one: Report): string => `${one.lat.toFixed(5)}, ${one.lon.toFixed(5)}`;

/** What is told now; what was told otherwise before is marked. */
export function Told({ told: { report, earlier }, of }: { told: Reported; of: Case }) {
  const changed = (...names: (keyof Report)[]) =>
    earlier.some((one) => names.some((name) => one[name] !== report[name])) && (
      <>
        {" "}
        <span class="tag tag-wait">{t("report.changed")}</span>
      </>
    );
  return (
    <>
      <dt>{t("report.item")}</dt>
      <dd>
        {what(report)}
        {changed("item", "item_text", "manner")}
      </dd>
      <dt>{t("report.last")}</dt>
      <dd class="time">
        {minute(report.last_seen_at)}
        {changed("last_seen_at")}
      </dd>
      <dt>{t("report.found")}</dt>
      <dd class="time">
        {minute(report.found_at)} <span class="muted">{word("certainty", report.certainty)}</span>
        {changed("found_at", "certainty")}
      </dd>
      <dt>{t("report.where")}</dt>
      <dd>
        {where(report)}
        {changed("lat", "lon")}
      </dd>
      {(report.note || changed("note")) && (
        <>
          <dt>{t("report.note")}</dt>
          <dd>
            {report.note || "–"}
            {changed("note")}
          </dd>
        </>
      )}
      <dt>{t("report.by")}</dt>
      <dd>
        {called(of, report.reported_by)} · {minute(report.reported_at)}
      </dd>
    </>
  );
}

/** What was told before, by whom and when, the newest first. */
export function Earlier({ told: { earlier }, of }: { told: Reported; of: Case }) {
  if (earlier.length === 0) return null;
  return (
    <details class="case-earlier">
      <summary>{t("report.earlier", { n: earlier.length })}</summary>
      <ul class="dashes">
        {earlier.map((one) => (
          <li key={one.version}>
            {called(of, one.reported_by)} · {minute(one.reported_at)}
            <div class="muted">
              {what(one)} · {t("report.last")} {minute(one.last_seen_at)} · {t("report.found")} {minute(one.found_at)} {word("certainty", one.certainty)} ·{" "}
              {where(one)} {one.note && `· ${one.note}`}
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}
