import { useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { cameras, places } from "../../store/cameras";
import type { EventList } from "../../store/eventlist";
import { circle, type Filters, near } from "../../store/filters";
import { covers } from "../../store/tree";
import { type Area, AreaMap } from "../../ui/map";
import { apply } from "./sentence";

interface Props {
  list: EventList | null;
  filters: Filters;
  /** The camera of the event under the pointer or the focus. */
  hovered: string | null;
}

/** The area beside the list: cameras with how many of the events shown are theirs, and the circle to search in. */
export function MapBeside({ list, filters, hovered }: Props) {
  const events = list?.events.value;
  const all = cameras.value;
  const within = filters.place.join();
  const shown = useMemo(
    () => (all ?? []).filter((one) => filters.place.length === 0 || covers(filters, one.village_code)),
    [all, within],
  );
  const counted = useMemo(() => {
    const counts = new Map<string, number>();
    for (const one of events ?? []) counts.set(one.camera_id, (counts.get(one.camera_id) ?? 0) + 1);
    return shown.map((one) => {
      const n = counts.get(one.id);
      return n ? { ...one, name: t("search.cameraEvents", { name: one.name, n }) } : one;
    });
  }, [shown, events]);
  const areas = useMemo(
    (): Area[] => [...places.value.values()].filter((one) => one.lat !== null).map((one) => ({ boundary: null, ...one })),
    [places.value],
  );
  const placed = shown.some((one) => one.lat !== null) || areas.length > 0;
  return (
    <aside class="map-beside" aria-label={t("nav.map")}>
      {all !== null && !placed && <p class="hint small">{t("search.unplaced")}</p>}
      <AreaMap
        label={t("nav.map")}
        places={areas}
        cameras={counted}
        selected={hovered ?? filters.camera[0] ?? null}
        circle={circle(filters.near)}
        onCircle={(drawn) => apply({ ...filters, near: near(drawn) })}
        onPickCamera={(id) => apply({ ...filters, place: [], camera: filters.camera.includes(id) ? [] : [id] })}
        fitTo={within}
      />
    </aside>
  );
}
