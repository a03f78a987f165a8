import { gapReport } from "../../../api/recordings";
import type { Camera } from "../../../api/types";
import { span, t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { href } from "../../../store/route";
import { may } from "../../../store/session";
import { Unread } from "../../../ui/notice";
import { Bar } from "../../health/bar";
import "../../../styles/gaps.css";

const MONTH_MS = 30 * 86_400_000;
const MOST = 50;

/** How complete one camera's recordings of a month are, and each of its gaps with its cause. */
export function CameraGaps({ camera }: { camera: Camera }) {
  const { value: told, problem, again } = useAsked((until) => gapReport({ since: Date.now() - MONTH_MS, camera: camera.id }, until), [camera.id, camera.status.since]);
  return (
    <div class="panel camera-gaps">
      <div class="row">
        <h2>{t("rec.ofCamera")}</h2>
        <span class="grow" />
        {may("see_recordings") && (
          <a class="button quiet small-button" href={href("playback", new URLSearchParams({ cameras: camera.id }))}>
            {t("nav.playback")}
          </a>
        )}
      </div>
      {told === null || problem ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {told.cameras.length === 0 && <p class="muted">{t("rec.nothingDue")}</p>}
          {told.cameras.map((one) => (
            <p key={one.stream} class="row">
              <span>
                {t(`stream.${one.stream}`)} · {t(`record.${one.mode}`)}
              </span>
              <Bar rate={one.rate} />
              {one.open && <b class="bad-word">{t("rec.open", { cause: word("gap", one.open.cause), span: span(Date.now() - Date.parse(one.open.since)) })}</b>}
            </p>
          ))}
          {told.cameras.length > 0 && told.listed.length === 0 && <p class="muted">{t("gaps.none")}</p>}
          <ol aria-label={t("gaps.title")}>
            {told.listed.slice(0, MOST).map((one) => (
              <li key={`${one.stream} ${one.since}`}>
                <span class="time">{stamp(one.since)}</span>
                <span>{word("gap", one.cause)}</span>
                <span class="time muted">{one.lasts ? t("rec.lasts") : span(one.seconds * 1000)}</span>
              </li>
            ))}
          </ol>
          {told.listed.length > MOST && <p class="muted small">{t("rec.moreGaps", { n: told.listed.length - MOST })}</p>}
        </>
      )}
    </div>
  );
}
