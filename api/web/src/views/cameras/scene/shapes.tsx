import type { Scene } from "../../../api/register";
import { t } from "../../../i18n";
import { type Chosen, rulesOf, type ShapeKind, withLine, withZone } from "../../../store/scenedraft";
import { Icon } from "../../../ui/icon";

interface Props {
  scene: Scene;
  change: (scene: Scene) => void;
  chosen: Chosen | null;
  choose: (chosen: Chosen) => void;
  remove: (chosen: Chosen) => void;
  locked: boolean;
}

const KINDS: readonly ShapeKind[] = ["zone", "line", "mask"];

/** Zones, lines and masks by name; picking one here picks it in the picture. */
export function Shapes(props: Props) {
  const { scene } = props;
  const counts: Record<ShapeKind, number> = { zone: scene.zones.length, line: scene.lines.length, mask: scene.masks.length };
  return (
    <section class="panel scene-shapes">
      {KINDS.map((kind) => (
        <div key={kind}>
          <h2>
            {t(`shape.${kind}`)} <span class="muted small">{counts[kind]}</span>
          </h2>
          <p class="muted small">{t(`shape.means.${kind}`)}</p>
          <ul>
            {Array.from({ length: counts[kind] }, (_, index) => (
              <ShapeLine key={index} {...props} one={{ kind, index }} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function ShapeLine({ scene, change, chosen, choose, remove, locked, one }: Props & { one: Chosen }) {
  const { kind, index } = one;
  const isChosen = chosen?.kind === kind && chosen.index === index;
  const zone = kind === "zone" ? scene.zones[index]! : null;
  const line = kind === "line" ? scene.lines[index]! : null;
  const used = rulesOf(scene, one).length;
  return (
    <li class={isChosen ? "shape-line shape-line-chosen" : "shape-line"}>
      <button type="button" class="quiet icon-button" aria-pressed={isChosen} aria-label={t("shape.pick", { name: zone?.name ?? line?.name ?? String(index + 1) })} onClick={() => choose(one)}>
        <i class={`swatch swatch-${kind}`} />
      </button>
      <div class="shape-names">
        {kind === "mask" && <span>{t("shape.mask.n", { n: index + 1 })}</span>}
        {zone && <input aria-label={t("shape.name")} maxLength={64} disabled={locked} value={zone.name} onFocus={() => choose(one)} onInput={(event) => change(withZone(scene, index, { name: event.currentTarget.value }))} />}
        {line && (
          <>
            <input aria-label={t("shape.name")} maxLength={64} disabled={locked} value={line.name} onFocus={() => choose(one)} onInput={(event) => change(withLine(scene, index, { name: event.currentTarget.value }))} />
            {isChosen && (
              <div class="row shape-ways">
                <input aria-label={t("shape.in")} title={t("shape.in")} maxLength={64} disabled={locked} value={line.in_name} onInput={(event) => change(withLine(scene, index, { in_name: event.currentTarget.value }))} />
                <input aria-label={t("shape.out")} title={t("shape.out")} maxLength={64} disabled={locked} value={line.out_name} onInput={(event) => change(withLine(scene, index, { out_name: event.currentTarget.value }))} />
                <button type="button" class="small-button" disabled={locked} onClick={() => change(withLine(scene, index, { a: line.b, b: line.a }))}>
                  {t("shape.turn")}
                </button>
              </div>
            )}
          </>
        )}
      </div>
      <button type="button" class="quiet icon-button" disabled={locked} title={used > 0 ? t("shape.remove.rules", { n: used }) : t("shape.remove")} aria-label={t("shape.remove")} onClick={() => remove(one)}>
        <Icon name="close" />
      </button>
    </li>
  );
}
