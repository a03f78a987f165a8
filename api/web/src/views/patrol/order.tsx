import { useRef, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../../ui/icon";
import { moved } from "./moved";

interface Props {
  chosen: readonly string[];
  named: ReadonlyMap<string, Pick<Camera, "name" | "village_name">>;
  change: (chosen: string[]) => void;
}

/** The order of the cameras: dragged by the mouse, or moved by Alt and the arrows from the keyboard. */
export function Order({ chosen, named, change }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [said, setSaid] = useState("");

  function move(from: number, to: number, focus: boolean): void {
    if (to < 0 || to >= chosen.length || to === from) return;
    change(moved(chosen, from, to));
    setSaid(t("plan.moved", { name: named.get(chosen[from]!)?.name ?? "", n: to + 1 }));
    // The line is where it was moved to only after it is drawn.
    if (focus) requestAnimationFrame(() => list.current?.children[to]?.querySelector<HTMLElement>(".order-grip")?.focus());
  }

  return (
    <fieldset class="pick-order">
      <legend>{t("plan.order", { n: chosen.length })}</legend>
      <p class="field-hint">{t("plan.order.hint")}</p>
      <ol ref={list}>
        {chosen.map((id, index) => {
          const camera = named.get(id);
          const name = camera?.name ?? t("plan.unseen");
          return (
            <li
              key={id}
              draggable
              class={index === dragged ? "order-line order-dragged" : "order-line"}
              onDragStart={(event) => {
                event.dataTransfer?.setData("text/plain", name);
                setDragged(index);
              }}
              onDragEnter={() => {
                if (dragged === null || dragged === index) return;
                move(dragged, index, false);
                setDragged(index);
              }}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => event.preventDefault()}
              onDragEnd={() => setDragged(null)}
            >
              <button
                type="button"
                class="quiet order-grip"
                aria-label={t("plan.move", { name })}
                onKeyDown={(event) => {
                  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
                  if (by === undefined || !event.altKey) return;
                  event.preventDefault();
                  move(index, index + by, true);
                }}
              >
                <span class="time">{index + 1}</span>
              </button>
              <span class="order-name">
                {name} <span class="muted small">{camera?.village_name}</span>
              </span>
              <button type="button" class="quiet icon-button" aria-label={t("plan.drop", { name })} onClick={() => change(chosen.filter((one) => one !== id))}>
                <Icon name="close" />
              </button>
            </li>
          );
        })}
      </ol>
      <span class="unseen" role="status">
        {said}
      </span>
    </fieldset>
  );
}
