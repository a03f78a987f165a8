import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Place } from "../api/types";
import { t } from "../i18n";
import { places } from "../store/cameras";
import { placesOf } from "../store/ground";

interface Props {
  label: string;
  /** Said while nothing is chosen. */
  none: string;
  chosen: readonly string[];
  onChange: (codes: string[]) => void;
  /** Whether a place may be chosen; those already chosen may always be dropped. */
  may?: (code: string) => boolean;
  /** All there is, not only where one may look. */
  everywhere?: boolean;
  most?: number;
  /** What else is chosen, beside the places. */
  chips?: ComponentChildren;
  /** How else one may choose. */
  children?: ComponentChildren;
}

export const nameOf = (code: string): string => places.value.get(code)?.name ?? code;

/** Counties, townships and villages to choose from; a whole township holds its villages. */
export function PlacePick({ label, none, chosen, onChange, may = () => true, everywhere = false, most = 200, chips, children }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim();

  function toggle(code: string): void {
    if (chosen.includes(code)) onChange(chosen.filter((one) => one !== code));
    // What lies inside the new one needs no entry of its own.
    else onChange([...chosen.filter((one) => !one.startsWith(code)), code].sort());
  }

  const of = (level: Place["level"], prefix = ""): Place[] => placesOf(level, prefix, everywhere);
  const branch: BranchProps = { chosen, toggle, may: (code) => may(code) && chosen.length < most, of };
  const found =
    wanted === "" ? null : of("village").concat(of("township")).filter((one) => one.name.includes(wanted) || one.code.startsWith(wanted));
  return (
    <fieldset class="grants">
      <legend>{label}</legend>
      <div class="chips">
        {chosen.length === 0 && <span class="muted small">{none}</span>}
        {chosen.map((one) => (
          <button key={one} type="button" class="chip" aria-label={t("user.grant.drop", { name: nameOf(one) })} onClick={() => toggle(one)}>
            {nameOf(one)} ×
          </button>
        ))}
        {chips}
      </div>
      {children}
      <input
        type="search"
        aria-label={t("admin.villages.search")}
        placeholder={t("admin.villages.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="grant-tree">
        {found
          ? found.slice(0, 100).map((one) => <Check key={one.code} place={one} {...branch} whole />)
          : of("county").map((county) => (
              <div key={county.code}>
                <Check place={county} {...branch} />
                {of("township", county.code).map((township) => (
                  <Township key={township.code} township={township} {...branch} />
                ))}
              </div>
            ))}
        {found?.length === 0 && <p class="muted small">{t("admin.villages.none")}</p>}
      </div>
    </fieldset>
  );
}

interface BranchProps {
  chosen: readonly string[];
  toggle: (code: string) => void;
  may: (code: string) => boolean;
  of: (level: Place["level"], prefix?: string) => Place[];
}

function Township({ township, ...branch }: BranchProps & { township: Place }) {
  const within = branch.chosen.filter((one) => one.startsWith(township.code) && one !== township.code).length;
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
        <Check place={township} {...branch} />
        {within > 0 && <span class="muted small">{t("user.grant.within", { n: within })}</span>}
      </div>
      {open && (
        <div class="grant-leaves">
          {branch.of("village", township.code).map((one) => (
            <Check key={one.code} place={one} {...branch} />
          ))}
        </div>
      )}
    </div>
  );
}

/** A place's box: set by its own entry, or, then fixed, by one above it. */
function Check({ place, chosen, toggle, may, whole = false }: BranchProps & { place: Place; whole?: boolean }) {
  const above = chosen.some((one) => one !== place.code && place.code.startsWith(one));
  const own = chosen.includes(place.code);
  return (
    <label class="check">
      <input type="checkbox" checked={above || own} disabled={above || (!own && !may(place.code))} onChange={() => toggle(place.code)} />
      <span>{whole && place.level === "village" ? `${nameOf(place.code.slice(0, 9))} ${place.name}` : place.name}</span>
    </label>
  );
}
