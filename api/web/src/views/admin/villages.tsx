import { useEffect, useMemo, useState } from "preact/hooks";
import { removePlace } from "../../api/admin";
import type { Place } from "../../api/types";
import { t, word } from "../../i18n";
import { cameras, places, readPlaces, refresh } from "../../store/cameras";
import { href } from "../../store/route";
import { Notice } from "../../ui/notice";
import { Toolbar } from "../../ui/toolbar";
import { PlaceForm } from "./placeform";
import { ChangeOrRemove, Removal } from "./removal";

const MOST_SHOWN = 400;

/** Counties, townships and villages: found, added, renamed, recoded, removed. */
export function Villages() {
  const [text, setText] = useState("");
  const [editing, setEditing] = useState<Place | "new" | null>(null);
  const [removing, setRemoving] = useState<Place | null>(null);
  const all = places.value;
  useEffect(() => void refresh(), []);
  const list = cameras.value;
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const one of list ?? []) found.set(one.village_code, (found.get(one.village_code) ?? 0) + 1);
    return found;
  }, [list]);
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return [...all.values()]
      .filter((one) => wanted === "" || one.name.toLowerCase().includes(wanted) || one.code.startsWith(wanted))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }, [all, text]);

  return (
    <section aria-label={t("admin.villages")}>
      <Toolbar label={t("admin.villages")}>
        <input
          type="search"
          class="admin-search"
          aria-label={t("admin.villages.search")}
          placeholder={t("admin.villages.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="muted">{t("admin.n", { n: shown.length })}</span>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setEditing("new")}>
          {t("admin.village.add")}
        </button>
      </Toolbar>
      {shown.length === 0 ? (
        <Notice title={t("admin.villages.none")}>{all.size === 0 && t("admin.villages.none.load")}</Notice>
      ) : (
        <div class="table admin-table">
          <table>
            <thead>
              <tr>
                <th>{t("place.code")}</th>
                <th>{t("place.name")}</th>
                <th class="wide">{t("place.level")}</th>
                <th class="wide">{t("place.position")}</th>
                <th class="number wide">{t("nav.cameras")}</th>
                <th class="wide">{t("place.source")}</th>
                <th aria-label={t("admin.actions")} />
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, MOST_SHOWN).map((one) => (
                <tr key={one.code} data-code={one.code}>
                  <td class="time">{one.code}</td>
                  <td class={`name level-${one.level}`}>{one.name}</td>
                  <td class="wide">{word("level", one.level)}</td>
                  <td class="time muted wide">{one.lat === null || one.lon === null ? "" : `${one.lat.toFixed(5)}, ${one.lon.toFixed(5)}`}</td>
                  <td class="number wide">{one.level === "village" ? (counts.get(one.code) ?? "") : ""}</td>
                  <td class="muted name wide">{one.source === "local" ? t("place.source.local") : one.source}</td>
                  <td>
                    <div class="row row-end">
                      <a class="button quiet small-button" href={href("map", undefined, one.code)}>
                        {t("nav.map")}
                      </a>
                      <ChangeOrRemove name={one.name} change={() => setEditing(one)} remove={() => setRemoving(one)} />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length > MOST_SHOWN && <p class="muted small">{t("admin.more", { n: shown.length - MOST_SHOWN })}</p>}
      {editing && <PlaceForm place={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {removing && (
        <Removal
          name={removing.name}
          means={t("admin.remove.means")}
          remove={() => removePlace(removing.code).then(readPlaces)}
          inTheWay={(problem) => (problem.code === "place_in_use" ? word("inUse", String(problem.params.by)) : "")}
          onClose={() => setRemoving(null)}
        />
      )}
    </section>
  );
}
