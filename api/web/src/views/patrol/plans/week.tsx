import { useState } from "preact/hooks";
import { t } from "../../../i18n";
import { DAYS, HOURS, noWeek, type Week } from "./times";

interface Props {
  week: Week;
  change: (week: Week) => void;
}

/** A stroke under way: where it began, what it sets, and the week before it. */
interface Stroke {
  on: boolean;
  day: number;
  hour: number;
  before: Week;
}

/** All between where a stroke began and where it is, so that a quick hand leaves no gap. */
function drawn({ on, day, hour, before }: Stroke, toDay: number, toHour: number): Week {
  const within = (at: number, a: number, b: number): boolean => at >= Math.min(a, b) && at <= Math.max(a, b);
  return before.map((row, at) => (within(at, day, toDay) ? row.map((was, other) => (within(other, hour, toHour) ? on : was)) : row));
}

/** The hours of the week in which a patrol is due: drawn over by the mouse, or gone through by the arrows and the space bar. */
export function WeekGrid({ week, change }: Props) {
  const [stroke, setStroke] = useState<Stroke | null>(null);
  const set = (day: number, hour: number, on: boolean): void =>
    change(week.map((row, at) => (at === day ? row.map((was, other) => (other === hour ? on : was)) : row)));
  const walk = (event: KeyboardEvent, day: number, hour: number): void => {
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [to, at] = [(day + by[0]! + DAYS.length) % DAYS.length, (hour + by[1]! + HOURS) % HOURS];
    document.getElementById(`week-${to}-${at}`)?.focus();
  };
  return (
    <fieldset class="week">
      <legend>{t("plan.times")}</legend>
      <p class="field-hint">{t("plan.times.hint")}</p>
      <div class="week-scroll">
        <div class="week-grid" role="grid" aria-label={t("plan.times")} onPointerUp={() => setStroke(null)} onPointerLeave={() => setStroke(null)}>
          <div role="row" class="week-row week-hours" aria-hidden="true">
            <span />
            {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => (
              <span key={hour}>{hour}</span>
            ))}
          </div>
          {DAYS.map((day, row) => (
            <div key={day} role="row" class="week-row">
              <span role="rowheader">{t(`week.${day}`)}</span>
              {week[row]!.map((on, hour) => (
                <button
                  key={hour}
                  id={`week-${row}-${hour}`}
                  type="button"
                  role="gridcell"
                  class="week-hour"
                  tabIndex={row === 0 && hour === 0 ? 0 : -1}
                  aria-selected={on}
                  aria-label={t("plan.hour", { day: t(`week.${day}`), hour })}
                  onPointerDown={(event) => {
                    event.currentTarget.releasePointerCapture?.(event.pointerId);
                    setStroke({ on: !on, day: row, hour, before: week });
                    set(row, hour, !on);
                  }}
                  onPointerEnter={() => stroke && change(drawn(stroke, row, hour))}
                  onKeyDown={(event) => {
                    if (event.key === " " || event.key === "Enter") {
                      event.preventDefault();
                      set(row, hour, !on);
                    } else walk(event, row, hour);
                  }}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
      <button type="button" class="small-button" disabled={!week.some((row) => row.includes(true))} onClick={() => change(noWeek())}>
        {t("plan.times.clear")}
      </button>
    </fieldset>
  );
}
