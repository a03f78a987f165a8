import { useState } from "preact/hooks";
import { listUnits, removeUnit, type Unit, UNIT_KINDS } from "../../api/admin";
import { t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Toolbar } from "../../ui/toolbar";
import { ChangeOrRemove, Removal } from "./removal";
import { UnitForm } from "./unitform";
import { UnitImport } from "./unitimport";

/** Stations, then teams with those below each: two hierarchies over the same villages. */
export function inOrder(units: readonly Unit[]): Unit[] {
  const below = (parent: string | null): Unit[] =>
    units
      .filter((one) => one.parent_id === parent)
      .sort((a, b) => UNIT_KINDS.indexOf(a.kind) - UNIT_KINDS.indexOf(b.kind))
      .flatMap((one) => [one, ...below(one.id)]);
  return below(null);
}

/** Which villages belong to which station and team. */
export function Units() {
  const { value: units, problem, again } = useAsked(listUnits);
  const [editing, setEditing] = useState<Unit | "new" | null>(null);
  const [removing, setRemoving] = useState<Unit | null>(null);
  const [importing, setImporting] = useState(false);
  if (units === null) return <Unread problem={problem} retry={again} />;
  return (
    <section aria-label={t("admin.units")}>
      <Toolbar label={t("admin.units")}>
        <span class="muted">{t("admin.n", { n: units.length })}</span>
        <span class="grow" />
        <button type="button" onClick={() => setImporting(true)}>
          {t("unit.import")}
        </button>
        <button type="button" class="primary" onClick={() => setEditing("new")}>
          {t("unit.add")}
        </button>
      </Toolbar>
      {problem && <Stale problem={problem} />}
      {units.length === 0 ? (
        <Notice title={t("unit.none")}>{t("unit.none.how")}</Notice>
      ) : (
        <div class="table admin-table">
          <table>
            <thead>
              <tr>
                <th>{t("unit.name")}</th>
                <th>{t("unit.kind")}</th>
                <th>{t("unit.villages")}</th>
                <th aria-label={t("admin.actions")} />
              </tr>
            </thead>
            <tbody>
              {inOrder(units).map((one) => (
                <tr key={one.id} data-unit={one.name}>
                  <td class={`name ${one.parent_id ? `team-${one.kind}` : ""}`}>{one.name}</td>
                  <td>{word("unitKind", one.kind)}</td>
                  <td class="name">{one.villages.map((code) => places.value.get(code)?.name ?? code).join("、")}</td>
                  <td>
                    <div class="row row-end">
                      <ChangeOrRemove name={one.name} change={() => setEditing(one)} remove={() => setRemoving(one)} />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && <UnitForm unit={editing === "new" ? null : editing} units={units} onClose={() => setEditing(null)} done={again} />}
      {removing && (
        <Removal
          name={removing.name}
          means={t("unit.remove.means")}
          remove={() => removeUnit(removing.id).finally(again)}
          inTheWay={(problem) => (problem.code === "unit_in_use" ? word("unitInUse", String(problem.params.by)) : "")}
          onClose={() => setRemoving(null)}
        />
      )}
      {importing && <UnitImport onClose={() => setImporting(false)} done={again} />}
    </section>
  );
}
