import { useMemo } from "preact/hooks";
import type { Entry } from "../../../api/canvass";
import { readGround } from "../../../api/map";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { positionsAround } from "../../../store/ground";
import { AreaMap, type Trail } from "../../../ui/map";
import { Failed } from "../../../ui/notice";
import { soon } from "./card";

/** Those on the list over the case's roads, each by its number on the list; red is what goes soon. */
export function ListMap({ of, entries }: { of: Case; entries: readonly Entry[] }) {
  const { value, problem, again } = useAsked((stop) => Promise.all(of.places.map((code) => readGround(code, stop))), [of.places.join()]);
  const drawn = useMemo(() => {
    const all = value ?? [];
    return { areas: all.flatMap((one) => one.areas), roads: all.flatMap((one) => one.roads), entrances: all.flatMap((one) => one.entrances) };
  }, [value]);
  const trail = useMemo<Trail>(() => {
    const sightings = entries.flatMap((one, at) =>
      one.lat === null || one.lon === null ? [] : [{ no: at + 1, at: [one.lon, one.lat] as const, last: soon(one.overwritten_at) }],
    );
    return { reached: [], circle: null, sightings, links: [], borders: [], search: null, blocked: [] };
  }, [entries]);
  const near = useMemo(() => positionsAround(of.places[0] ?? ""), [of.places.join(), value]);
  const nowhere = entries.length - trail.sightings.length;
  return (
    <figure class="canvass-map">
      {problem && value === null && <Failed problem={problem} retry={again} />}
      <AreaMap
        label={t("canvass.where")}
        places={drawn.areas}
        roads={drawn.roads}
        entrances={drawn.entrances}
        trail={trail}
        fitTo={`${drawn.roads.length} ${trail.sightings.map((one) => one.at.join()).join(" ")}`}
        near={near}
      />
      <figcaption class="muted small">
        {t("canvass.where.means")} {nowhere > 0 && t("canvass.where.nowhere", { n: nowhere })}
      </figcaption>
    </figure>
  );
}
