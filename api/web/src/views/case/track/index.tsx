import { useState } from "preact/hooks";
import type { Way } from "../../../api/pursuit";
import type { LabelGroup } from "../../../api/types";
import { t } from "../../../i18n";
import { go, href, route } from "../../../store/route";
import "../../../styles/track.css";
import { Segments } from "../../../ui/tabs";
import type { StepProps } from "../steps";
import { Gates } from "./gates";
import { Around } from "./hops";
import { ClueMapView } from "./cluemap";

const PARTS = ["strip", "hops", "map"] as const;
type Part = (typeof PARTS)[number];

/** Following the trail: who passed the gates, where it may have been before and after, and the map of it. */
export function Track({ of }: StepProps) {
  // What is looked for is the same in all three: an animal at the gate is an animal on the map, and gets along as it did.
  const [groups, setGroups] = useState<readonly LabelGroup[]>([]);
  const [way, setWay] = useState<Way>("foot");
  const part: Part = PARTS.find((one) => one === route.value.path[2]) ?? "strip";
  const show = (one: Part): void => go(href("cases", undefined, of.id, "track", one), true);
  const shared = { of, groups, setGroups, way, setWay };
  return (
    <div class="track">
      <Segments
        label={t("track.parts")}
        value={part}
        options={PARTS.map((one) => ({ value: one, label: t(`track.${one}`) }))}
        onChange={show}
      />
      {part === "strip" && <Gates {...shared} />}
      {part === "hops" && <Around {...shared} />}
      {part === "map" && <ClueMapView {...shared} />}
    </div>
  );
}
