import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Shift } from "../../store/patrol";

const EVERY_MS = 200;
const R = 20;
const AROUND = 2 * Math.PI * R;

/** How long one stays at this camera still, as a ring that runs out and in seconds. */
export function Ring({ shift }: { shift: Shift }) {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((was) => was + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const left = shift.left();
  const seconds = Math.ceil(left / 1_000);
  return (
    <span class={shift.tour.value.since === null ? "ring ring-held" : "ring"} role="timer" aria-label={t("patrol.left", { n: seconds })}>
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r={R} />
        <circle
          class="ring-left"
          cx="24"
          cy="24"
          r={R}
          transform="rotate(-90 24 24)"
          stroke-dasharray={AROUND}
          stroke-dashoffset={AROUND * (1 - left / shift.dwellMs)}
        />
      </svg>
      <b aria-hidden="true">{seconds}</b>
    </span>
  );
}
