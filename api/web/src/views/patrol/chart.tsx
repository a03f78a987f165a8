import { t } from "../../i18n";
import { type RateRow, share } from "../../store/patrolrates";
import { percent } from "./rate";

const LINE = 26;
const HIGH = 12;
/** Below this the round was not worth much, above that it was as good as whole. */
const POOR = 0.6;
const GOOD = 0.9;

const tone = (rate: number): string => (rate >= GOOD ? "ok" : rate >= POOR ? "wait" : "bad");

/** A bar a line, with its words in the page's own text so that they are read and copied. */
export const Chart = ({ rows }: { rows: readonly RateRow[] }) => (
  <ul class="chart">
    {rows.map((one) => (
      <li key={one.key}>
        <span class="chart-name">{one.label}</span>
        <svg class="chart-bar" viewBox={`0 0 100 ${LINE}`} preserveAspectRatio="none" aria-hidden="true">
          <rect class="chart-room" x="0" y={(LINE - HIGH) / 2} width="100" height={HIGH} />
          <rect class={`chart-${tone(share(one))}`} x="0" y={(LINE - HIGH) / 2} width={share(one) * 100} height={HIGH} />
        </svg>
        <span class="chart-figure time">
          <b>{percent(share(one))}</b> <span class="muted small">{t("history.of", { done: one.done, due: one.due, n: one.patrols })}</span>
        </span>
      </li>
    ))}
  </ul>
);
