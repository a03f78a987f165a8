import { t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { type Chosen, chosen, MOST_DAYS, reading, type Span, SPANS, written } from "../../store/online";
import { go, href, route } from "../../store/route";
import { Segments } from "../../ui/tabs";

const DAY = 86_400_000;
const day = (at: number): string => stamp(at).slice(0, 10);

/** Over which span the rate counts; what is chosen stands in the address. */
export function Spans({ what, possible }: { what: Chosen; possible: boolean }) {
  const choose = (change: Partial<Chosen>): void => go(href("health", written({ ...chosen(route.peek().query), ...change })), true);
  function change(span: Span): void {
    const now = Date.now();
    choose(span === "own" ? { span, from: what.from || day(now - 6 * DAY), to: what.to || day(now) } : { span });
  }
  return (
    <div class="spans">
      {reading.value && <span class="muted small">{t("online.reading")}</span>}
      <Segments
        label={t("online.span")}
        value={what.span}
        options={SPANS.map((value) => ({ value, label: t(`online.span.${value}`) }))}
        onChange={change}
      />
      {what.span === "own" && (
        <span class="spans-own">
          <input
            type="date"
            aria-label={t("online.from")}
            value={what.from}
            max={day(Date.now())}
            aria-invalid={!possible}
            onChange={(event) => choose({ from: event.currentTarget.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            type="date"
            aria-label={t("online.to")}
            value={what.to}
            max={day(Date.now())}
            aria-invalid={!possible}
            onChange={(event) => choose({ to: event.currentTarget.value })}
          />
          {!possible && (
            <span class="error" role="alert">
              {t("online.wrongSpan", { n: MOST_DAYS })}
            </span>
          )}
        </span>
      )}
    </div>
  );
}
