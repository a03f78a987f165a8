import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Rotation } from "../../store/rotation";
import { pageCount, round } from "../../store/shown";
import { Icon } from "../../ui/icon";

const LENGTH = 2 * Math.PI * 8;

/** Where a wall that goes round is, how long the page stays, and the way back, on and to a halt. */
export function Round() {
  const going = round.value;
  const pages = pageCount.value;
  if (!going) return null;
  const paused = going.paused.value;
  return (
    <div class="wall-round" role="group" aria-label={t("wall.rotation")}>
      <button type="button" class="quiet icon-button" aria-label={t("wall.page.previous")} disabled={pages < 2} onClick={() => going.go(-1)}>
        <Icon name="left" />
      </button>
      <button
        type="button"
        class="quiet icon-button wall-ring"
        aria-label={t(paused ? "wall.resume" : "wall.pause")}
        aria-pressed={paused}
        disabled={pages < 2}
        onClick={() => (paused ? going.resume() : going.pause())}
      >
        <Ring going={going} />
        <Icon name={paused ? "play" : "pause"} />
      </button>
      <button type="button" class="quiet icon-button" aria-label={t("wall.page.next")} disabled={pages < 2} onClick={() => going.go(1)}>
        <Icon name="right" />
      </button>
      <span class="time wall-page">{pages === 0 ? t("wall.rotation.none") : t("wall.page", { n: going.page.value + 1, all: pages })}</span>
    </div>
  );
}

function Ring({ going }: { going: Rotation }) {
  const [part, setPart] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setPart(going.progress()), 250);
    return () => clearInterval(timer);
  }, [going]);
  return (
    <svg class="wall-ring-drawn" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" />
      <circle class="wall-ring-part" cx="10" cy="10" r="8" stroke-dasharray={LENGTH} stroke-dashoffset={LENGTH * (1 - part)} />
    </svg>
  );
}
