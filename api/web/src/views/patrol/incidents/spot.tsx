import { useEffect, useMemo } from "preact/hooks";
import type { Camera } from "../../../api/types";
import { t } from "../../../i18n";
import { ground, readGroundOf } from "../../../store/ground";
import { AreaMap } from "../../../ui/map";

/** Where the camera stands, among the village's roads and entrances. */
export function Spot({ camera }: { camera: Camera }) {
  useEffect(() => {
    const stop = new AbortController();
    void readGroundOf(camera.village_code, stop.signal);
    return () => stop.abort();
  }, [camera.village_code]);
  const shown = useMemo(() => [camera], [camera]);
  const drawn = ground.value?.of;
  return (
    <div class="incident-map">
      <AreaMap
        label={t("nav.map")}
        places={drawn?.areas ?? []}
        roads={drawn?.roads ?? []}
        entrances={drawn?.entrances ?? []}
        cameras={shown}
        selected={camera.id}
        fitTo={camera.id}
      />
    </div>
  );
}
