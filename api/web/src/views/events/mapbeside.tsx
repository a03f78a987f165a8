import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { cameras } from "../../store/cameras";
import type { EventList } from "../../store/eventlist";
import { circle, type Filters, near, read } from "../../store/filters";
import { ground, groundTrouble, homeCode, readGroundOf } from "../../store/ground";
import { route } from "../../store/route";
import { covers } from "../../store/tree";
import { AreaMap } from "../../ui/map";
import { apply } from "./sentence";

interface Props {
  list: EventList | null;
  filters: Filters;
  /** The camera of the event under the pointer or the focus. */
  hovered: string | null;
}

/** One array for ever: a new one would be painted anew. */
const NONE: never[] = [];

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
  const around = filters.place.length === 1 ? filters.place[0]! : homeCode();
  useEffect(() => {
    const stop = new AbortController();
    if (around !== null) void readGroundOf(around, stop.signal);
    return () => stop.abort();
  }, [around]);
  const drawn = ground.value?.of;
  const waiting = all === null || (around !== null && !drawn && groundTrouble.value === null);
  const areas = drawn?.areas ?? NONE;
  const placed = shown.some((one) => one.lat !== null) || areas.some((one) => one.boundary !== null || one.lat !== null);
  function pick(id: string): void {
    const now = read(route.peek().query);
    apply({ ...now, place: [], camera: now.camera.includes(id) ? [] : [id] });
  }
  return (
    <aside class="map-beside" aria-label={t("nav.map")} aria-busy={waiting}>
      {all !== null && !placed && <p class="hint small">{t("search.unplaced")}</p>}
      <AreaMap
        label={t("nav.map")}
        places={areas}
        roads={drawn?.roads ?? NONE}
        entrances={drawn?.entrances ?? NONE}
        cameras={counted}
        selected={hovered ?? filters.camera[0] ?? null}
        circle={circle(filters.near)}
        onCircle={(drawn) => apply({ ...read(route.peek().query), near: near(drawn) })}
        onPickCamera={pick}
        fitTo={within}
      />
    </aside>
  );
}
