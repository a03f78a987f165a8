import type { JSX } from "preact";
import { LAYOUTS, type Layout } from "../../api/walls";
import { t } from "../../i18n";
import { CELLS, columnsOf } from "../../store/layouts";
import { divide, layout } from "../../store/wall";

/** The ways to divide the wall, as pictures one presses. */
export function Layouts() {
  function walk(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = (LAYOUTS.indexOf(layout.value) + step + LAYOUTS.length) % LAYOUTS.length;
    divide(LAYOUTS[to]!);
    event.currentTarget.querySelectorAll("button")[to]?.focus();
  }
  return (
    <div class="wall-layouts" role="radiogroup" aria-label={t("wall.layout")} onKeyDown={walk}>
      {LAYOUTS.map((one, at) => (
        <button
          key={one}
          type="button"
          role="radio"
          class="quiet icon-button"
          aria-checked={one === layout.value}
          aria-label={t("wall.layout.is", { n: one })}
          title={`${t("wall.layout.is", { n: one })} (${at + 1})`}
          tabIndex={one === layout.value ? 0 : -1}
          onClick={() => divide(one)}
        >
          <Picture layout={one} />
        </button>
      ))}
    </div>
  );
}

function Picture({ layout: of }: { layout: Layout }) {
  const unit = 18 / columnsOf(of);
  return (
    <svg class="wall-layout" viewBox="0 0 20 20" aria-hidden="true">
      {CELLS[of].map(({ column, row, span }) => (
        <rect
          key={`${column} ${row}`}
          x={1 + (column - 1) * unit + 0.4}
          y={1 + (row - 1) * unit + 0.4}
          width={span * unit - 0.8}
          height={span * unit - 0.8}
        />
      ))}
    </svg>
  );
}
