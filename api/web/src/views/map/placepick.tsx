import { t } from "../../i18n";
import { placesOf } from "../../store/ground";
import { go, href } from "../../store/route";

/** County, township, village: each choice narrows the next. */
export function PlacePick({ code }: { code: string }) {
  const counties = placesOf("county");
  const townships = placesOf("township", code.slice(0, 6));
  const villages = code.length >= 9 ? placesOf("village", code.slice(0, 9)) : [];
  const choose = (to: string): void => go(href("map", undefined, to));
  return (
    <div class="place-pick row" role="group" aria-label={t("ground.place")}>
      <select aria-label={t("ground.county")} value={code.slice(0, 6)} onChange={(event) => choose(event.currentTarget.value)}>
        {counties.map((one) => (
          <option key={one.code} value={one.code}>
            {one.name}
          </option>
        ))}
      </select>
      <select
        aria-label={t("ground.township")}
        value={code.slice(0, 9)}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value={code.slice(0, 6)}>{t("ground.allTownships")}</option>
        {townships.map((one) => (
          <option key={one.code} value={one.code}>
            {one.name}
          </option>
        ))}
      </select>
      {code.length >= 9 && (
        <select aria-label={t("ground.village")} value={code} onChange={(event) => choose(event.currentTarget.value)}>
          <option value={code.slice(0, 9)}>{t("ground.allVillages")}</option>
          {villages.map((one) => (
            <option key={one.code} value={one.code}>
              {one.name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
