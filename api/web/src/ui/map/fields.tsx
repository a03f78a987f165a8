/** The map's numbers: what is drawn by hand can be typed as well, and read. */

import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { parsePosition, rounded, written } from "./geo";
import type { Circle, Draw, LonLat } from "./shapes";

const MOST_RADIUS_M = 100_000;

/** What is typed here is the map's alone: where it stands within a form, that one is not sent. */
function own(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

interface CircleProps {
  circle: Circle | null;
  onCircle: (circle: Circle | null) => void;
  /** The middle of the window, for a circle that has no place yet. */
  centre: () => LonLat | null;
}

/** The search circle as a position and a radius. */
export function CircleFields({ circle, onCircle, centre }: CircleProps) {
  const [position, setPosition] = useState("");
  const [radius, setRadius] = useState("");
  // Before anybody can type: an effect that comes later would take away what was typed already.
  useLayoutEffect(() => {
    setPosition(circle ? written([circle.lon, circle.lat]) : "");
    setRadius(circle ? String(circle.radius_m) : "");
  }, [circle?.lat, circle?.lon, circle?.radius_m]);

  const at = position.trim() === "" ? centre() : parsePosition(position);
  const metres = /^\d{1,6}$/.test(radius.trim()) ? Number(radius) : null;
  const wrongPlace = position.trim() !== "" && at === null;
  const wrongRadius = radius.trim() !== "" && (metres === null || metres < 10 || metres > MOST_RADIUS_M);

  function submit(event: Event): void {
    own(event);
    if (!at || metres === null || wrongRadius) return;
    const [lon, lat] = rounded(at);
    onCircle({ lat, lon, radius_m: metres });
  }

  return (
    <form class="map-fields" onSubmit={submit}>
      <label class="field">
        <span>{t("map.circle.centre")}</span>
        <input
          value={position}
          placeholder={t("map.position.example")}
          aria-invalid={wrongPlace}
          onInput={(event) => setPosition(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{t("map.circle.radius")}</span>
        <input
          inputMode="numeric"
          value={radius}
          aria-invalid={wrongRadius}
          onInput={(event) => setRadius(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!at || metres === null || wrongRadius}>
        {t("map.circle.set")}
      </button>
      {circle && (
        <button type="button" class="quiet" onClick={() => onCircle(null)}>
          {t("map.circle.clear")}
        </button>
      )}
    </form>
  );
}

interface PointProps {
  draw: Draw;
  drawn: readonly LonLat[];
  onDrawn: (corners: LonLat[]) => void;
}

/** A corner typed as latitude and longitude, and the last one taken back. */
export function PointField({ draw, drawn, onDrawn }: PointProps) {
  const [position, setPosition] = useState("");
  const at = parsePosition(position);
  function submit(event: Event): void {
    own(event);
    if (!at) return;
    onDrawn(draw === "point" ? [rounded(at)] : [...drawn, rounded(at)]);
    setPosition("");
  }
  return (
    <form class="map-fields" onSubmit={submit}>
      <label class="field">
        <span>{t("map.position")}</span>
        <input
          value={position}
          placeholder={t("map.position.example")}
          aria-invalid={position.trim() !== "" && at === null}
          onInput={(event) => setPosition(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={at === null}>
        {draw === "point" ? t("map.point.set") : t("map.corner.add")}
      </button>
      {draw !== "point" && (
        <button type="button" disabled={drawn.length === 0} onClick={() => onDrawn(drawn.slice(0, -1))}>
          {t("map.corner.undo")}
        </button>
      )}
      <span class="muted small" role="status">
        {drawn.length > 0 && (draw === "point" ? written(drawn[0]!) : t("map.corners", { n: drawn.length }))}
      </span>
    </form>
  );
}
