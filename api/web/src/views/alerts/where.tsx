import { useEffect, useState } from "preact/hooks";
import type { Watch } from "../../api/alerts";
import { t } from "../../i18n";
import { cameras, places, refresh } from "../../store/cameras";
import { session } from "../../store/session";

const MOST = 12;

interface Choice {
  id: string;
  name: string;
  where: string;
  camera: boolean;
}

function choices(): Choice[] {
  const granted = session.value?.user.grants ?? [];
  const inScope = (code: string): boolean => granted.some((prefix) => code.startsWith(prefix));
  const above = (code: string): string => places.value.get(code.slice(0, 9))?.name ?? "";
  const area = [...places.value.values()]
    .filter((one) => inScope(one.code))
    .map((one) => ({ id: one.code, name: one.name, where: one.code.length === 12 ? above(one.code) : "", camera: false }));
  const points = (cameras.value ?? []).map((one) => ({ id: one.id, name: one.name, where: one.village_name, camera: true }));
  return [...area, ...points];
}

/** Villages and cameras a rule is about: found by typing, taken away by pressing. */
export function Where({ watch, change }: { watch: Watch; change: (to: Partial<Watch>) => void }) {
  const [text, setText] = useState("");
  useEffect(() => void refresh(), []);
  const all = choices();
  const chosen = all.filter((one) => (one.camera ? watch.camera : watch.place).includes(one.id));
  const wanted = text.trim().toLowerCase();
  const found = wanted === "" ? [] : all.filter((one) => !chosen.includes(one) && `${one.name} ${one.where} ${one.id}`.toLowerCase().includes(wanted));
  const toggle = (one: Choice): void => {
    const name = one.camera ? "camera" : "place";
    const list = watch[name];
    change({ [name]: list.includes(one.id) ? list.filter((id) => id !== one.id) : [...list, one.id] });
    setText("");
  };
  return (
    <fieldset>
      <legend>{t("alerts.where")}</legend>
      {chosen.length === 0 ? (
        <p class="field-hint">{t("alerts.everywhere")}</p>
      ) : (
        <div class="chips">
          {chosen.map((one) => (
            <button key={one.id} type="button" class="chip" aria-pressed="true" onClick={() => toggle(one)} aria-label={t("alerts.where.remove", { name: one.name })}>
              {one.name} ✕
            </button>
          ))}
        </div>
      )}
      <input
        type="search"
        aria-label={t("alerts.where.search")}
        placeholder={t("alerts.where.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (found[0]) toggle(found[0]);
        }}
      />
      <div class="chips">
        {found.slice(0, MOST).map((one) => (
          <button key={one.id} type="button" class="chip" onClick={() => toggle(one)}>
            {one.name} <span class="muted">{one.where}</span>
          </button>
        ))}
        {found.length > MOST && <span class="muted">{t("alerts.where.more", { n: found.length - MOST })}</span>}
        {wanted !== "" && found.length === 0 && <span class="muted">{t("alerts.where.none")}</span>}
      </div>
    </fieldset>
  );
}
