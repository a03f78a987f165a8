import { useState } from "preact/hooks";
import type { Unit } from "../../api/admin";
import type { Place } from "../../api/types";
import { t } from "../../i18n";
import { places } from "../../store/cameras";
import { placesOf } from "../../store/ground";
import { session } from "../../store/session";
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

/** Counties, townships and villages to choose from; a whole township holds its villages. */
export function GrantPick({ grants, onChange, all, units, onUnits }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim();
  const granted = all.filter((one) => units.includes(one.id));

  function toggle(code: string): void {
    if (grants.includes(code)) onChange(grants.filter((one) => one !== code));
    // What lies inside the new one needs no grant of its own.
    else onChange([...grants.filter((one) => !one.startsWith(code)), code].sort());
  }

  const found = wanted === "" ? null : placesOf("village").concat(placesOf("township")).filter((one) => one.name.includes(wanted) || one.code.startsWith(wanted));
  return (
    <fieldset class="grants">
      <legend>{t("user.grants")}</legend>
      <div class="chips">
        {grants.length + units.length === 0 && <span class="muted small">{t("user.noGrants.means")}</span>}
        {grants.map((one) => (
          <button key={one} type="button" class="chip" aria-label={t("user.grant.drop", { name: nameOf(one) })} onClick={() => toggle(one)}>
            {nameOf(one)} ×
          </button>
        ))}
        {granted.map((one) => (
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
      </div>
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
      <input
        type="search"
        aria-label={t("admin.villages.search")}
        placeholder={t("admin.villages.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="grant-tree">
        {found
          ? found.slice(0, 100).map((one) => <Check key={one.code} place={one} grants={grants} toggle={toggle} whole />)
          : placesOf("county").map((county) => (
              <div key={county.code}>
                <Check place={county} grants={grants} toggle={toggle} />
                {placesOf("township", county.code).map((township) => (
                  <Township key={township.code} township={township} grants={grants} toggle={toggle} />
                ))}
              </div>
            ))}
        {found?.length === 0 && <p class="muted small">{t("admin.villages.none")}</p>}
      </div>
    </fieldset>
  );
}

const nameOf = (code: string): string => places.value.get(code)?.name ?? code;

interface BranchProps {
  grants: readonly string[];
  toggle: (code: string) => void;
}

function Township({ township, grants, toggle }: BranchProps & { township: Place }) {
  const within = grants.filter((one) => one.startsWith(township.code) && one !== township.code).length;
  const [open, setOpen] = useState(within > 0);
  return (
    <div class="grant-branch">
      <div class="row">
        <button
          type="button"
          class="quiet small-button"
          aria-expanded={open}
          aria-label={t("user.grant.open", { name: township.name })}
          onClick={() => setOpen(!open)}
        >
          {open ? "▾" : "▸"}
        </button>
        <Check place={township} grants={grants} toggle={toggle} />
        {within > 0 && <span class="muted small">{t("user.grant.within", { n: within })}</span>}
      </div>
      {open && (
        <div class="grant-leaves">
          {placesOf("village", township.code).map((one) => (
            <Check key={one.code} place={one} grants={grants} toggle={toggle} />
          ))}
        </div>
      )}
    </div>
  );
}

/** A place's box: set by its own grant, or, then fixed, by one above it. */
function Check({ place, grants, toggle, whole = false }: BranchProps & { place: Place; whole?: boolean }) {
  const above = grants.some((one) => one !== place.code && place.code.startsWith(one));
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={above || grants.includes(place.code)}
        disabled={above || !mine(place.code)}
        onChange={() => toggle(place.code)}
      />
      <span>{whole && place.level === "village" ? `${nameOf(place.code.slice(0, 9))} ${place.name}` : place.name}</span>
    </label>
  );
}
