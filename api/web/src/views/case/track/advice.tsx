import type { Border, ClueMap } from "../../../api/pursuit";
import { listed, t, unwatched, word } from "../../../i18n";
import { minute, stamp } from "../../../i18n/time";

const HELD = ["shut", "dark", "seen", "off"] as const;
/** The road one stands on reaches a few metres to every side. */
const NEXT_TO_NOTHING_M = 100;
const km = (metres: number): string => (metres / 1000).toFixed(1);

/** What the vanishing area says: where to search first, and on which cameras that rests. */
export function Advice({ map }: { map: ClueMap }) {
  const { area } = map;
  if (!area) return <p class="panel muted">{t("track.noArea")}</p>;
  return (
    <div class="panel track-advice">
      <h2>{t("track.area")}</h2>
      <p class="track-say" role="status">
        {area.advice === "sectors"
          ? t("track.search", { where: listed(area.search.map((one) => word("compass", String(one)))) })
          : t(area.advice === "inside" ? "track.inside" : "track.unknown")}
      </p>
      <p>
        {t("track.reach", { from: stamp(area.at), until: minute(area.until), way: word("mode", area.way).toLowerCase() })}{" "}
        {area.estimate ? t("track.reach.circle", { km: km(area.radius_m) }) : t("track.reach.roads", { km: km(area.metres) })}
      </p>
      <table class="track-compass">
        <thead>
          <tr>
            <th>{t("track.bearing")}</th>
            <th>{t("track.bearing.roads")}</th>
            <th>{t("track.bearing.shut")}</th>
            <th>{t("track.bearing.open")}</th>
          </tr>
        </thead>
        <tbody>
          {area.directions
            .filter((one) => one.metres >= NEXT_TO_NOTHING_M || one.shut.length + one.open.length > 0)
            .map((one) => (
              <tr key={one.bearing_deg} class={area.search.includes(one.bearing_deg) ? "track-found" : ""}>
                <th scope="row">{word("compass", String(one.bearing_deg))}</th>
                <td>{`${km(one.metres)} km`}</td>
                <td>{one.shut.join(" ")}</td>
                <td>{one.open.join(" ")}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {HELD.map((held) => (
        <Held key={held} held={held} those={area.border.filter((one) => one.held === held)} />
      ))}
      {area.unheard > 0 && <p class="muted small">{t("track.unheard", { n: area.unheard })}</p>}
      {area.beyond > 0 && <p class="muted small">{t("track.beyond", { n: area.beyond })}</p>}
    </div>
  );
}

function Held({ held, those }: { held: (typeof HELD)[number]; those: readonly Border[] }) {
  if (those.length === 0) return null;
  return (
    <p class="small">
      <strong>{word("held", held)}</strong>{" "}
      {those
        .map((one) => (held === "dark" ? `${one.name} (${unwatched(one.unwatched_s)})` : held === "seen" ? `${one.name} (${one.hits})` : one.name))
        .join(" · ")}
    </p>
  );
}
