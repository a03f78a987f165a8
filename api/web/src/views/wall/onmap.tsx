import { useMemo } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { refused } from "../../store/refused";
import { shown } from "../../store/shown";
import { putUp, selected } from "../../store/wall";
import { AreaMap } from "../../ui/map";

/** The cameras where they stand; a press puts one up. The list below holds the same ones, to be dragged. */
export function OnMap({ cameras }: { cameras: readonly Camera[] }) {
  const placed = useMemo(() => cameras.filter((one) => one.lat !== null && one.lon !== null), [cameras]);
  if (placed.length === 0) return <p class="hint small">{t("wall.map.none")}</p>;
  return (
    <div class="wall-map">
      <AreaMap
        label={t("nav.map")}
        cameras={placed}
        selected={shown.value[selected.value]?.camera ?? null}
        onPickCamera={(id) => !refused.value.has(id) && putUp([id])}
        fitTo={placed.length === cameras.length ? "all" : placed.map((one) => one.id).join(" ").slice(0, 200)}
      />
    </div>
  );
}
