import { t } from "../../i18n";
import { go, href } from "../../store/route";
import { standing } from "../../store/screen";
import { screenName } from "../../store/settings";
import { roundList } from "../../store/shown";
import { activity, alone, cameraOf, rotation } from "../../store/wall";
import { Icon } from "../../ui/icon";
import { Toolbar } from "../../ui/toolbar";
import { Clock } from "./clock";
import { Layouts } from "./layouts";
import { Plans } from "./plans";
import { Round } from "./round";
import { SavedWalls } from "./saved";
import { ScreenButton } from "./screens";

interface Props {
  picking: boolean;
  setPicking: (on: boolean) => void;
  full: () => void;
  bare: () => void;
}

/** What one does with the wall as a whole. */
export function Bar({ picking, setPicking, full, bare }: Props) {
  const one = alone.value === null ? undefined : cameraOf(alone.value);
  return (
    <Toolbar label={t("nav.wall")}>
      <button
        type="button"
        class="quiet icon-button"
        aria-label={t("wall.picker")}
        title={`${t("wall.picker")} (T)`}
        aria-pressed={picking}
        onClick={() => setPicking(!picking)}
      >
        <Icon name="list" />
      </button>
      {alone.value === null ? (
        <>
          <Layouts />
          <SavedWalls />
          <Plans />
          <Round />
          {activity.value && (
            <span class="tag tag-ok wall-mode">
              <Icon name="alerts" /> {t("wall.activity.on")}
            </span>
          )}
          {rotation.value && <span class="muted small wall-mode">{t("wall.rotation.of", { n: roundList.value.length })}</span>}
        </>
      ) : (
        <>
          <button type="button" onClick={() => go(href("wall"))}>
            <Icon name="left" /> {t("wall.back")}
          </button>
          {one && (
            <h1 class="wall-title">
              {one.name} <span class="muted">{one.village_name}</span>
            </h1>
          )}
        </>
      )}
      <span class="grow" />
      {screenName.value !== "" && <span class={`tag ${standing.value === "on" ? "tag-ok" : "tag-wait"}`}>{t(`screen.${standing.value}`, { name: screenName.value })}</span>}
      <Clock />
      <ScreenButton />
      <button type="button" class="quiet icon-button" aria-label={t("wall.bare")} title={`${t("wall.bare")} (B)`} onClick={bare}>
        <Icon name="wall" />
      </button>
      {document.fullscreenEnabled && (
        <button type="button" class="quiet icon-button" aria-label={t("live.full")} title={`${t("live.full")} (F)`} onClick={full}>
          <Icon name="full" />
        </button>
      )}
    </Toolbar>
  );
}
