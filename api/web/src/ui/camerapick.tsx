import { useEffect, useState } from "preact/hooks";
import type { Camera } from "../api/types";
import { t } from "../i18n";
import { cameras, refresh } from "../store/cameras";
import "../styles/admin.css";

interface Props {
  label: string;
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  most: number;
  /** Only these; all that one sees without it. */
  offered?: (camera: Camera) => boolean;
}

const MOST_SHOWN = 40;

/** Some cameras, found by name or village; those that are not live come first. */
export function CameraPick({ label, chosen, onChange, most, offered = () => true }: Props) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (cameras.peek() === null) void refresh();
  }, []);
  const all = cameras.value;
  const wanted = text.trim().toLowerCase();
  const rank = (state: string): number => (state === "live" ? 1 : 0);
  const found = (all ?? [])
    .filter((one) => one.kind !== "wifi_probe" && (chosen.includes(one.id) || offered(one)))
    .filter((one) => chosen.includes(one.id) || `${one.name} ${one.village_name} ${one.gb_id ?? ""}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(chosen.includes(b.id)) - Number(chosen.includes(a.id)) || rank(a.status.state) - rank(b.status.state));
  return (
    <fieldset class="grants">
      <legend>{label}</legend>
      <input
        type="search"
        aria-label={t("where.search")}
        placeholder={t("where.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="grant-tree">
        {all === null && <div class="bone bone-row" role="status" aria-label={t("loading")} />}
        {found.slice(0, MOST_SHOWN).map((one) => (
          <label key={one.id} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(one.id)}
              disabled={!chosen.includes(one.id) && chosen.length >= most}
              onChange={() => onChange(chosen.includes(one.id) ? chosen.filter((id) => id !== one.id) : [...chosen, one.id])}
            />
            <span>
              {one.name} <span class="muted small">{one.village_name}</span>
            </span>
          </label>
        ))}
        {all !== null && found.length === 0 && <p class="muted small">{t("where.none")}</p>}
      </div>
    </fieldset>
  );
}
