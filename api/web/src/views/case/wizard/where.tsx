import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../../i18n";
import { cameras as known } from "../../../store/cameras";
import { ground, homeCode, positionsAround, readGroundOf } from "../../../store/ground";
import { AreaMap, type LonLat } from "../../../ui/map";

const NONE: never[] = [];

/** The point: a click on the map, or typed. */
export function Where({ point, setPoint }: { point: LonLat | null; setPoint: (at: LonLat | null) => void }) {
  const around = homeCode();
  useEffect(() => {
    const stop = new AbortController();
    if (around !== null) void readGroundOf(around, stop.signal);
    return () => stop.abort();
  }, [around]);
  const near = useMemo(() => (around === null ? NONE : positionsAround(around)), [around, known.value]);
  const drawn = ground.value?.of;
  const corners = useMemo(() => (point === null ? NONE : [point]), [point]);
  return (
    <section class="wizard-where" aria-label={t("report.where")}>
      <h2>{t("report.where")}</h2>
      <AreaMap
        label={t("report.where")}
        places={drawn?.areas ?? NONE}
        roads={drawn?.roads ?? NONE}
        entrances={drawn?.entrances ?? NONE}
        cameras={known.value ?? NONE}
        draw="point"
        drawn={corners}
        onDrawn={(at) => setPoint(at[0] ?? null)}
        near={near}
        fitTo={drawn ? "ground" : ""}
      />
    </section>
  );
}
