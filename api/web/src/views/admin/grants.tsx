import type { Unit } from "../../api/admin";
import { t } from "../../i18n";
import { session } from "../../store/session";
import { PlacePick } from "../../ui/placepick";
import { unitName } from "./userfields";

interface Props {
  grants: readonly string[];
  onChange: (grants: string[]) => void;
  all: readonly Unit[];
  units: readonly string[];
  onUnits: (units: string[]) => void;
}

/** One's own grants bound what one may give. */
const mine = (code: string): boolean => session.value?.user.grants.some((one) => code.startsWith(one)) ?? false;

/** The places, stations and teams a user may look at. */
export function GrantPick({ grants, onChange, all, units, onUnits }: Props) {
  const granted = all.filter((one) => units.includes(one.id));
  return (
    <PlacePick
      label={t("user.grants")}
      none={units.length === 0 ? t("user.noGrants.means") : ""}
      chosen={grants}
      onChange={onChange}
      may={mine}
      chips={granted.map((one) => (
        <button
          key={one.id}
          type="button"
          class="chip"
          aria-label={t("user.grant.drop", { name: one.name })}
          onClick={() => onUnits(units.filter((other) => other !== one.id))}
        >
          {unitName(one, all)} ×
        </button>
      ))}
    >
      {all.length > granted.length && (
        <select
          aria-label={t("user.grant.unit")}
          value=""
          onChange={(event) => event.currentTarget.value && onUnits([...units, event.currentTarget.value])}
        >
          <option value="">{t("user.grant.unit")}</option>
          {all
            .filter((one) => !units.includes(one.id))
            .map((one) => (
              <option key={one.id} value={one.id}>
                {unitName(one, all)}
              </option>
            ))}
        </select>
      )}
    </PlacePick>
  );
}
