import { useState } from "preact/hooks";
import { listUnits, removeUnit, type Unit, UNIT_KINDS } from "../../api/admin";
import type { Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Menu } from "../../ui/popover";
import { toast } from "../../ui/toast";
import { Toolbar } from "../../ui/toolbar";
import { UnitForm } from "./unitform";

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
  if (units === null) return <Unread problem={problem} retry={again} />;
  return (
    <section aria-label={t("admin.units")}>
      <Toolbar label={t("admin.units")}>
        <span class="muted">{t("admin.n", { n: units.length })}</span>
        <span class="grow" />
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
                      <Menu
                        label={t("admin.actionsFor", { name: one.name })}
                        items={[
                          { label: t("admin.change"), run: () => setEditing(one) },
                          { label: t("admin.remove"), danger: true, run: () => setRemoving(one) },
                        ]}
                      />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && <UnitForm unit={editing === "new" ? null : editing} units={units} onClose={() => setEditing(null)} done={again} />}
      {removing && <Remove unit={removing} onClose={() => setRemoving(null)} done={again} />}
    </section>
  );
}

function Remove({ unit, onClose, done }: { unit: Unit; onClose: () => void; done: () => void }) {
  const [failed, setFailed] = useState<Problem | null>(null);
  async function away(): Promise<void> {
    setFailed(null);
    try {
      await removeUnit(unit.id);
      toast(t("admin.removed", { name: unit.name }), { tone: "ok" });
      onClose();
    } catch (err) {
      setFailed(settle(err));
    }
    done();
  }
  return (
    <Dialog label={t("admin.remove.title", { name: unit.name })} onClose={onClose}>
      <div class="admin-form">
        <p>{t("unit.remove.means")}</p>
        {failed && (
          <p class="error" role="alert">
            {problemText(failed)} {failed.code === "unit_in_use" && word("unitInUse", String(failed.params.by))}
          </p>
        )}
        <div class="row">
          <button type="button" class="danger" onClick={() => void away()}>
            {t("admin.remove")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
