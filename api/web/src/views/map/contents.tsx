import type { Ground } from "../../api/map";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { tone } from "../../store/cameras";
import { href } from "../../store/route";

interface Props {
  code: string;
  of: Ground;
  cameras: readonly Camera[];
  selected: string | null;
  pick: (id: string) => void;
}

/** What is drawn of the place, in words: the way into the map for those who do not point. */
export function Contents({ code, of, cameras, selected, pick }: Props) {
  const below = of.areas.filter((one) => one.code.length === (code.length === 6 ? 9 : 12) && one.code !== code);
  const live = cameras.filter((one) => tone(one.status.state, one.status.reason) === "ok").length;
  return (
    <div class="contents panel">
      <h2>{t("ground.contents")}</h2>
      <p>{t("ground.live", { live, all: cameras.length })}</p>
      {code.length === 12 && of.areas.every((one) => one.boundary === null) && (
        <p class="muted small">{t("ground.noBoundary")}</p>
      )}
      {below.length > 0 && (
        <details open={below.length <= 40}>
          <summary>{t(code.length === 6 ? "ground.townships" : "ground.villages", { n: below.length })}</summary>
          <ul>
            {below.map((one) => (
              <li key={one.code}>
                <a href={href("map", undefined, one.code)}>{one.name}</a>
                {one.code.length === 12 && !one.boundary && <span class="muted small"> {t("ground.undrawn")}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
      <details open={of.entrances.length <= 40}>
        <summary>{t("ground.entrances", { n: of.entrances.length })}</summary>
        <ul>
          {of.entrances.map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" aria-pressed={selected === one.id} onClick={() => pick(one.id)}>
                {one.name}
              </button>
              {one.camera_ids.length === 0 ? (
                <span class="tag tag-bad">{t("ground.unwatched")}</span>
              ) : (
                <span class="muted small">{t("ground.watched", { n: one.camera_ids.length })}</span>
              )}
            </li>
          ))}
        </ul>
      </details>
      <details open={of.roads.length <= 40}>
        <summary>{t("ground.roads", { n: of.roads.length })}</summary>
        <ul>
          {of.roads.map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" aria-pressed={selected === one.id} onClick={() => pick(one.id)}>
                {one.name || t("ground.road.unnamed")}
              </button>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
