import { useMemo, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { byVillage, cameras, townshipName, type Village } from "../../store/cameras";
import { matches } from "../../store/camerarows";
import { Order } from "./order";

interface Props {
  chosen: readonly string[];
  change: (chosen: string[]) => void;
}

export const MOST_CAMERAS = 500;

/** Cameras picked from the villages, and the order they are looked at in. */
export function Pick({ chosen, change }: Props) {
  const [text, setText] = useState("");
  const all = useMemo(() => (cameras.value ?? []).filter((one) => one.kind !== "wifi_probe"), [cameras.value]);
  const villages = useMemo(() => byVillage(text.trim() === "" ? all : all.filter((one) => matches(one, text))), [all, text]);
  const named = useMemo(() => new Map(all.map((one) => [one.id, one])), [all]);
  const add = (ids: readonly string[]): void => change([...new Set([...chosen, ...ids])].slice(0, MOST_CAMERAS));
  const drop = (ids: readonly string[]): void => change(chosen.filter((one) => !ids.includes(one)));
  return (
    <div class="pick">
      <fieldset class="pick-from">
        <legend>{t("plan.pick")}</legend>
        <input
          type="search"
          aria-label={t("live.search")}
          placeholder={t("live.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <div class="pick-tree">
          {villages.map((one) => (
            <Branch key={one.code} village={one} unfolded={text.trim() !== ""} chosen={chosen} add={add} drop={drop} />
          ))}
          {villages.length === 0 && <p class="muted small">{t("live.noMatch")}</p>}
        </div>
      </fieldset>
      <Order chosen={chosen} named={named} change={change} />
    </div>
  );
}

interface BranchProps {
  village: Village;
  unfolded: boolean;
  chosen: readonly string[];
  add: (ids: readonly string[]) => void;
  drop: (ids: readonly string[]) => void;
}

function Branch({ village, unfolded, chosen, add, drop }: BranchProps) {
  const [open, setOpen] = useState(false);
  const ids = village.cameras.map((one) => one.id);
  const taken = ids.filter((one) => chosen.includes(one)).length;
  const name = `${townshipName(village.code)} ${village.name}`;
  return (
    <div>
      <div class="row pick-village">
        <label class="check">
          <input
            type="checkbox"
            checked={taken === ids.length}
            ref={(box) => {
              if (box) box.indeterminate = taken > 0 && taken < ids.length;
            }}
            onChange={() => (taken === ids.length ? drop(ids) : add(ids))}
          />
          <b>{name}</b>
        </label>
        <button type="button" class="quiet small-button" aria-expanded={open || unfolded} onClick={() => setOpen(!open)}>
          {t("plan.taken", { n: taken, of: ids.length })}
        </button>
      </div>
      {(open || unfolded) && (
        <div class="pick-cameras">
          {village.cameras.map((one: Camera) => (
            <label key={one.id} class="check">
              <input type="checkbox" checked={chosen.includes(one.id)} onChange={() => (chosen.includes(one.id) ? drop([one.id]) : add([one.id]))} />
              {one.name}
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
