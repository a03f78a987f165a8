/** What the map draws of a clue map. */

import type { GroundRoad } from "../../../api/map";
import type { ClueMap } from "../../../api/pursuit";
import type { LonLat, Trail } from "../../../ui/map";

export function trailOf(map: ClueMap, roads: readonly GroundRoad[]): Trail {
  const where = new Map(map.sightings.flatMap((one) => (one.lat === null || one.lon === null ? [] : [[one.thing, [one.lon, one.lat] as LonLat]])));
  const blocked = new Set(map.blocks.filter((one) => one.blocked).map((one) => one.road_id));
  const area = map.area;
  const start: LonLat | null = area && [area.lon, area.lat];
  return {
    reached: area?.pieces ?? [],
    circle: area?.estimate && start ? { at: start, radius_m: area.radius_m } : null,
    sightings: map.sightings.flatMap((one) => {
      const at = where.get(one.thing);
      return at ? [{ no: one.no, at, last: one.thing === map.thing }] : [];
    }),
    links: map.links.flatMap((one) => {
      const [from, to] = [where.get(one.from_thing), where.get(one.to_thing)];
      return from && to && one.state !== "withdrawn" ? [{ from, to, solid: one.state === "confirmed" }] : [];
    }),
    borders: (area?.border ?? []).flatMap((one) =>
      one.held === "shut" || one.held === "dark" || one.held === "seen" ? [{ at: [one.lon, one.lat] as LonLat, held: one.held }] : [],
    ),
    search: area && start && area.search.length > 0 ? { at: start, bearings: area.search } : null,
    blocked: roads.filter((one) => blocked.has(one.id)).map((one) => one.path),
  };
}
