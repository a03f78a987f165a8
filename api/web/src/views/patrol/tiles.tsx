import { t, word } from "../../i18n";
import type { Shift } from "../../store/patrol";
import "../../ui/live-tile";

/** On a narrow screen the line is narrow too: one camera at a time, and the next is fetched when it comes. */
const shownAtOnce = (): number => (matchMedia("(min-width: 1000px)").matches ? 3 : 1);

/**
 * The camera looked at, large, and the next two, small. A tile keeps its element when it comes to the front, so that its
 * picture is there at once.
 */
export function Tiles({ shift }: { shift: Shift }) {
  const { cameras } = shift.patrol;
  return (
    <>
      {shift.shown(shownAtOnce()).map((at, place) => {
        const camera = cameras[at]!;
        const said = shift.verdicts.value[at];
        return (
          <figure key={camera.camera_id} class={place === 0 ? "watch-tile watch-now" : `watch-tile watch-next watch-next-${place}`}>
            <live-tile camera={camera.camera_id} label={`${camera.name} ${camera.village_name}`} />
            <figcaption>
              {place === 1 && <span class="muted">{t("patrol.coming")} </span>}
              <b>{camera.name}</b> <span class="muted">{camera.village_name}</span>
              {said && <span class={`tag patrol-${said}`}>{word("patrolVerdict", said)}</span>}
            </figcaption>
          </figure>
        );
      })}
    </>
  );
}
