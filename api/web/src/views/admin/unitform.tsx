import { useState } from "preact/hooks";
import { changeUnit, createUnit, type Unit, UNIT_KINDS, type UnitKind } from "../../api/admin";
import type { Problem } from "../../api/client";
import { t, word } from "../../i18n";
import { placesOf } from "../../store/ground";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { toast } from "../../ui/toast";
import { unitName } from "./userfields";

interface Props {
  /** None: a new one. */
  unit: Unit | null;
  units: readonly Unit[];
  onClose: () => void;
  done: () => void;
}

/** Adds or changes a station or team: its kind and what it stands under are for good, name and villages are not. */
export function UnitForm({ unit, units, onClose, done }: Props) {
  const [kind, setKind] = useState<UnitKind>(unit?.kind ?? "group");
  const [name, setName] = useState(unit?.name ?? "");
  const [parent, setParent] = useState("");
  const [villages, setVillages] = useState<string[]>(unit?.villages ?? []);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const line = (one: UnitKind): boolean => one === "station";
  const above = units.filter((one) => !line(one.kind) && !line(kind) && UNIT_KINDS.indexOf(one.kind) < UNIT_KINDS.indexOf(kind));
  const others = new Map(
    units.filter((one) => one.id !== unit?.id && line(one.kind) === line(kind)).flatMap((one) => one.villages.map((code) => [code, one.name])),
  );

  async function submit(): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      if (unit) await changeUnit(unit.id, { name: name.trim(), villages });
      else await createUnit({ kind, name: name.trim(), parent_id: parent || null, villages });
      toast(t("admin.saved"), { tone: "ok" });
      onClose();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
    done();
  }

  return (
    <Dialog label={unit ? t("admin.village.change", { name: unit.name }) : t("unit.add")} onClose={onClose}>
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {!unit && (
          <div class="fields-pair">
            <Field label={t("unit.kind")}>
              {(wired) => (
                <select
                  {...wired}
                  value={kind}
                  onChange={(event) => {
                    setKind(UNIT_KINDS.find((one) => one === event.currentTarget.value) ?? kind);
                    setParent("");
                  }}
                >
                  {UNIT_KINDS.map((one) => (
                    <option key={one} value={one}>
                      {word("unitKind", one)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {above.length > 0 && (
              <Field label={t("unit.parent")}>
                {(wired) => (
                  <select {...wired} value={parent} onChange={(event) => setParent(event.currentTarget.value)}>
                    <option value="">{t("user.serves.none")}</option>
                    {above.map((one) => (
                      <option key={one.id} value={one.id}>
                        {unitName(one, units)}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            )}
          </div>
        )}
        <Field label={t("unit.name")}>
          {(wired) => <input {...wired} required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        <fieldset class="grants">
          <legend>{t("unit.villages")}</legend>
          <p class="muted small">{t("unit.villages.means")}</p>
          <div class="grant-tree">
            {placesOf("township").map((township) => (
              <div key={township.code}>
                <strong>{township.name}</strong>
                <div class="grant-leaves">
                  {placesOf("village", township.code).map((one) => (
                    <label key={one.code} class="check">
                      <input
                        type="checkbox"
                        checked={villages.includes(one.code)}
                        onChange={() =>
                          setVillages(villages.includes(one.code) ? villages.filter((code) => code !== one.code) : [...villages, one.code])
                        }
                      />
                      <span>
                        {one.name} {others.has(one.code) && <span class="muted small">{others.get(one.code)}</span>}
                      </span>
                    </label>
                  ))}
                </div>
              </div>
            ))}
          </div>
        </fieldset>
        <FormEnd problem={failed} send={t("admin.save")} disabled={busy || name.trim() === ""} cancel={onClose} />
      </form>
    </Dialog>
  );
}
