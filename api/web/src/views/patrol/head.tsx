import { patrolName } from "../../api/patrols";
import { problemText, t } from "../../i18n";
import { queue, type Shift } from "../../store/patrol";
import { Icon } from "../../ui/icon";
import { percent } from "./rate";
import { Ring } from "./ring";

interface Props {
  shift: Shift;
  pause: () => void;
  end: () => void;
}

/** How far the patrol is, the time of this camera, and what drives it. */
export function Head({ shift, pause, end }: Props) {
  const patrol = shift.patrol;
  const [done, due] = [shift.done.value, patrol.cameras.length];
  const paused = shift.holds.value.has("paused");
  return (
    <>
      <div class="watch-head">
        <div class="watch-what">
          <h1>{patrolName(patrol)}</h1>
          <div class="watch-progress">
            <progress aria-label={t("patrol.progress")} value={done} max={due} />
            <span class="time">
              {t("patrol.done", { n: done, of: due })} <b>{percent(due === 0 ? null : done / due)}</b>
            </span>
          </div>
        </div>
        <Ring shift={shift} />
        <div class="row watch-drive">
          <button type="button" class="icon-button" onClick={() => shift.step(-1)} title={t("patrol.back")} aria-label={t("patrol.back")}>
            <Icon name="left" />
          </button>
          <button type="button" aria-pressed={paused} onClick={pause}>
            <Icon name={paused ? "play" : "pause"} /> {t(paused ? "patrol.resume" : "patrol.pause")}
          </button>
          <button type="button" class="icon-button" onClick={() => shift.step(1)} title={t("patrol.next")} aria-label={t("patrol.next")}>
            <Icon name="right" />
          </button>
          <button type="button" class={done === due ? "primary" : ""} onClick={end}>
            {t("patrol.end")}
          </button>
        </div>
      </div>
      <UnderWay />
      {shift.holds.value.has("finished") && (
        <p class="watch-said watch-finished" role="status">
          <Icon name="check" /> {t("patrol.finished")}
        </p>
      )}
    </>
  );
}

/** Marks the hub does not have yet, and why. */
function UnderWay() {
  const waiting = queue.value?.waiting.value.length ?? 0;
  const stuck = queue.value?.stuck.value ?? null;
  if (stuck === null || waiting === 0) return null;
  return (
    <p class="watch-said watch-stuck" role="status">
      <Icon name="offline" /> {t("patrol.waiting", { n: waiting, why: problemText(stuck) })}
      <span class="grow" />
      <button type="button" class="small-button" onClick={() => queue.value?.now()}>
        {t("retry")}
      </button>
    </p>
  );
}
