import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { go, href } from "../../store/route";
import { standing } from "../../store/screen";
import { screenName } from "../../store/settings";
import { roundList } from "../../store/shown";
import { activity, alone, cameraOf, rotation } from "../../store/wall";
import { Icon, type IconName } from "../../ui/icon";
import { useMedia } from "../../ui/media";
import { Popover } from "../../ui/popover";
import { Toolbar } from "../../ui/toolbar";
import { Clock } from "./clock";
import { Layouts } from "./layouts";
import { PlanForm, Plans, type Rule } from "./plans";
import { Round } from "./round";
import { SavedWalls } from "./saved";
import { ScreenDialog } from "./screens";

interface Props {
  picking: boolean;
  setPicking: (on: boolean) => void;
  full: () => void;
  bare: () => void;
}

/** What concerns the window as a whole: an icon where there is room, a line of a menu where there is none. */
interface Act {
  icon: IconName;
  label: string;
  shortcut?: string;
  pressed?: boolean;
  run: () => void;
}

/** What one does with the wall as a whole. A phone has room for what is needed at once; the rest is behind one button. */
export function Bar({ picking, setPicking, full, bare }: Props) {
  const narrow = useMedia("(max-width: 860px)");
  const [asking, setAsking] = useState<Rule | "screen" | null>(null);
  const acts: Act[] = [
    { icon: "screen", label: t("screen"), pressed: screenName.value !== "", run: () => setAsking("screen") },
    { icon: "wall", label: t("wall.bare"), shortcut: "B", run: bare },
  ];
  if (document.fullscreenEnabled) acts.push({ icon: "full", label: t("live.full"), shortcut: "F", run: full });
  return (
    <Toolbar label={t("nav.wall")}>
      <IconButton icon="list" label={t("wall.picker")} shortcut="T" pressed={picking} run={() => setPicking(!picking)} />
      {alone.value !== null ? (
        <Alone id={alone.value} />
      ) : (
        <>
          {!narrow && <Layouts />}
          <SavedWalls />
          {!narrow && <Plans ask={setAsking} />}
          {!narrow && <Going />}
        </>
      )}
      <span class="grow" />
      {screenName.value !== "" && (
        <span class={`tag ${standing.value === "on" ? "tag-ok" : "tag-wait"}`}>{t(`screen.${standing.value}`, { name: screenName.value })}</span>
      )}
      <Clock />
      {narrow ? <More acts={acts} ask={setAsking} /> : acts.map((one) => <IconButton key={one.label} {...one} />)}
      {narrow && alone.value === null && <Going />}
      {asking === "screen" && <ScreenDialog onClose={() => setAsking(null)} />}
      {asking !== null && asking !== "screen" && <PlanForm rule={asking} onClose={() => setAsking(null)} />}
    </Toolbar>
  );
}

/** One camera alone: its name, and the way back. */
function Alone({ id }: { id: string }) {
  const one = cameraOf(id);
  return (
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
  );
}

/** What goes on by itself: the round, or that events bring cameras up. */
const Going = () => (
  <>
    <Round />
    {activity.value && (
      <span class="tag tag-ok wall-mode">
        <Icon name="alerts" /> {t("wall.activity.on")}
      </span>
    )}
    {rotation.value && <span class="muted small wall-mode">{t("wall.rotation.of", { n: roundList.value.length })}</span>}
  </>
);

const IconButton = ({ icon, label, shortcut, pressed, run }: Act) => (
  <button
    type="button"
    class="quiet icon-button"
    aria-label={label}
    title={shortcut ? `${label} (${shortcut})` : label}
    aria-pressed={pressed}
    onClick={run}
  >
    <Icon name={icon} />
  </button>
);

/** All that a phone's bar has no room for. */
const More = ({ acts, ask }: { acts: readonly Act[]; ask: (rule: Rule) => void }) => (
  <Popover label={t("nav.more")} button={<Icon name="more" />} buttonClass="quiet icon-button" buttonLabel={t("nav.more")}>
    {(close) => {
      const then = (run: () => void) => (): void => {
        close();
        run();
      };
      return (
        <div class="wall-more">
          {alone.value === null && (
            <>
              <Layouts />
              <Plans ask={(rule) => then(() => ask(rule))()} />
            </>
          )}
          {acts.map((one) => (
            <button key={one.label} type="button" class="menu-item" aria-pressed={one.pressed} onClick={then(one.run)}>
              {one.label} <Icon name={one.icon} />
            </button>
          ))}
        </div>
      );
    }}
  </Popover>
);
