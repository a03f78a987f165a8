import { t } from "../../i18n";

/** A share never rounded up to what it is not: 99.96 % is not 100. */
export const percent = (rate: number): string => `${(Math.floor(rate * 1000 + 1e-9) / 10).toFixed(1)}%`;

const GOOD = 0.98;
const FAIR = 0.9;

const tone = (rate: number): string => (rate >= GOOD ? "ok" : rate >= FAIR ? "wait" : "bad");

/** A rate as a bar with its number. */
export function Bar({ rate }: { rate: number | null }) {
  if (rate === null) return <span class="muted">{t("online.noRate")}</span>;
  return (
    <span class="rate">
      <span class="rate-room" aria-hidden="true">
        <i class={`rate-bar rate-${tone(rate)}`} style={{ width: `${rate * 100}%` }} />
      </span>
      <span class="rate-number">{percent(rate)}</span>
    </span>
  );
}
