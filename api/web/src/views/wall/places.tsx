import { t } from "../../i18n";
import { watchable } from "../../store/wall";

/** Villages an activity wall looks at; none chosen means all. */
export function Places({ chosen, onChange }: { chosen: readonly string[]; onChange: (codes: string[]) => void }) {
  const villages = [...new Map(watchable.value.map((one) => [one.village_code, one.village_name]))].sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <fieldset class="wall-places">
      <legend class="small muted">{t("wall.activity.places")}</legend>
      {villages.map(([code, name]) => (
        <label key={code} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(code)}
            onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, code] : chosen.filter((one) => one !== code))}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
