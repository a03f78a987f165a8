import { useState } from "preact/hooks";
import { casePeople, handOver } from "../../../api/cases";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { problemText, t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { toast } from "../../../ui/toast";

/** Another officer becomes responsible, with a note of what he must know. */
export function HandOver({ of, onClose, done }: { of: Case; onClose: () => void; done: () => void }) {
  const people = useAsked(casePeople).value ?? [];
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await handOver(of, to, note.trim());
      toast(t("handover.done"), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      setBusy(false);
      if (problem.code === "case_stale") done(); // said again, it is of the case as it is now
    }
  }
  return (
    <Dialog label={t("handover.of", { number: of.number })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void save(event)}>
        <Field label={t("handover.to")} hint={t("report.responsible.hint")}>
          {(wired) => (
            <select {...wired} required value={to} onChange={(event) => setTo(event.currentTarget.value)}>
              <option value="" />
              {people
                .filter((one) => one.id !== of.responsible?.id)
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.display_name || one.name} {one.unit && `· ${one.unit}`}
                  </option>
                ))}
            </select>
          )}
        </Field>
        <Field label={t("handover.note")} hint={t("handover.note.hint")} error={problem && problemText(problem)}>
          {(wired) => <input {...wired} required maxLength={200} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
        </Field>
        <div class="row">
          <button type="submit" class="primary" disabled={busy || to === "" || note.trim() === ""}>
            {t("handover")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
