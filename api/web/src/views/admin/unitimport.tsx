import { useState } from "preact/hooks";
import { type UnitPlan, unitPlan, type UnitOutcome } from "../../api/admin";
import type { Problem } from "../../api/client";
import { t, word } from "../../i18n";
import { places } from "../../store/cameras";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Wrong } from "../../ui/formend";
import { toast } from "../../ui/toast";

/** A list of stations and teams: told what it would change, then done as a whole. */
export function UnitImport({ onClose, done }: { onClose: () => void; done: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [plan, setPlan] = useState<UnitPlan | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(chosen: File, digest?: string): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      const told = await unitPlan(chosen, digest);
      if (told.applied) {
        toast(t("unit.import.done", { n: changes(told).length }), { tone: "ok" });
        done();
        onClose();
        return;
      }
      setPlan(told);
    } catch (err) {
      setFailed(settle(err));
      if (digest !== undefined) setPlan(null);
    }
    setBusy(false);
  }
  return (
    <Dialog label={t("unit.import")} onClose={onClose}>
      <div class="admin-form unit-import">
        <p>{t("unit.import.how")}</p>
        <p class="muted small">{t("unit.import.villages")}</p>
        <p>
          <label class="button">
            {t(file ? "unit.import.other" : "unit.import.choose")}
            <input
              type="file"
              class="unseen"
              accept=".csv,.xlsx,.xls"
              disabled={busy}
              onChange={(event) => {
                const chosen = event.currentTarget.files?.[0];
                event.currentTarget.value = "";
                if (!chosen) return;
                setFile(chosen);
                setPlan(null);
                void send(chosen);
              }}
            />
          </label>{" "}
          {file && <bdi class="muted">{file.name}</bdi>}
        </p>
        <Wrong problem={failed} />
        {plan && <Told plan={plan} />}
        <div class="row">
          {plan && file && plan.bad.length === 0 && (
            <button
              type="button"
              class="primary"
              disabled={busy || changes(plan).length === 0}
              onClick={() => void send(file, plan.digest)}
            >
              {t("unit.import.apply", { n: changes(plan).length })}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

const changes = (plan: UnitPlan): UnitOutcome[] => plan.outcomes.filter((one) => one.action !== "unchanged");

function Told({ plan }: { plan: UnitPlan }) {
  const count = (action: UnitOutcome["action"]): number => plan.outcomes.filter((one) => one.action === action).length;
  return (
    <>
      <p>
        {t("unit.import.counts", { add: count("add"), change: count("change"), same: count("unchanged") })}
        {plan.bad.length > 0 && <strong class="error"> {t("unit.import.bad", { n: new Set(plan.bad.map((one) => one.row)).size })}</strong>}
      </p>
      {plan.bad.length > 0 && (
        <ul class="dashes small">
          {plan.bad.slice(0, MOST).map((one) => (
            <li key={`${one.row} ${one.column} ${one.value}`}>
              {t("unit.import.at", { row: one.row, column: word("unitColumn", one.column) })} <bdi>{one.value}</bdi>: {word("badUnit", one.code)}
            </li>
          ))}
        </ul>
      )}
      <ul class="dashes small">
        {changes(plan)
          .slice(0, MOST)
          .map((one) => (
            <li key={one.row}>
              {t(one.action === "add" ? "unit.import.add" : "unit.import.change")} {word("unitKind", one.kind)} <strong>{one.name}</strong>
              {one.gained.length > 0 && ` ${t("unit.import.gained", { names: named(one.gained) })}`}
              {one.lost.length > 0 && ` ${t("unit.import.lost", { names: named(one.lost) })}`}
            </li>
          ))}
      </ul>
    </>
  );
}

const MOST = 200;

const named = (codes: readonly string[]): string => codes.map((code) => places.value.get(code)?.name ?? code).join("、");
