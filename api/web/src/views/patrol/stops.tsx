import { useLayoutEffect, useRef } from "preact/hooks";
import { t, word } from "../../i18n";
import { cameras, toneOf } from "../../store/cameras";
import type { Shift } from "../../store/patrol";

/** Every camera of the patrol in its order, with what it was marked; a press goes there. */
export function Stops({ shift }: { shift: Shift }) {
  const list = useRef<HTMLOListElement>(null);
  const { at } = shift.tour.value;
  const known = new Map((cameras.value ?? []).map((one) => [one.id, one]));
  useLayoutEffect(() => {
    const [box, line] = [list.current, list.current?.children[at]];
    if (!box || !(line instanceof HTMLElement)) return;
    const over = line.offsetTop - box.offsetTop;
    if (over < box.scrollTop || over + line.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = over - line.offsetHeight;
  }, [at]);
  return (
    <ol class="stops" ref={list} aria-label={t("patrol.cameras")} tabIndex={0}>
      {shift.patrol.cameras.map((one, index) => {
        const said = shift.verdicts.value[index];
        const camera = known.get(one.camera_id);
        return (
          <li key={one.camera_id}>
            <button type="button" class="quiet stop" aria-current={index === at ? "step" : undefined} onClick={() => shift.visit(index)}>
              <span class="stop-no time">{index + 1}</span>
              {camera && <i class={`dot dot-${toneOf(camera.status)}`} />}
              <span class="stop-name">
                {one.name} <span class="muted small">{one.village_name}</span>
              </span>
              {said && <span class={`tag patrol-${said}`}>{word("patrolVerdict", said)}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
