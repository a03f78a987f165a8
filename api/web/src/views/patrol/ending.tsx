import { useState } from "preact/hooks";
import { endPatrol, type Patrol } from "../../api/patrols";
import type { Problem } from "../../api/client";
import { t } from "../../i18n";
import { dropDraft, useDraft } from "../../store/drafts";
import { queue, type Shift } from "../../store/patrol";
import { forgetPurpose, settle } from "../../store/session";
import { Field } from "../../ui/field";
import { Wrong } from "../../ui/formend";
import { percent } from "./rate";

/** The end of a shift: what the next one should know. Marks still under way go first. */
export function Ending({ shift, ended }: { shift: Shift; ended: (patrol: Patrol) => void }) {
  const { id, cameras } = shift.patrol;
  const name = `patrol/${id}/handover`;
  const [draft, change] = useDraft(name, () => ({ note: "" }));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const waiting = (queue.value?.waiting.value ?? []).filter((one) => one.patrol === id).length;
  const left = cameras.length - shift.done.value;

  async function end(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const over = await endPatrol(id, draft.note.trim());
      dropDraft(name);
      forgetPurpose(false);
      ended(over);
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="subform-plain" onSubmit={(event) => void end(event)}>
      <p>
        {t("patrol.done", { n: shift.done.value, of: cameras.length })} <b>{percent(cameras.length === 0 ? null : shift.done.value / cameras.length)}</b>
      </p>
      {left > 0 && <p class="hint">{t("patrol.end.left", { n: left })}</p>}
      {waiting > 0 && (
        <p class="hint" role="status">
          {t("patrol.end.waiting", { n: waiting })}
        </p>
      )}
      <Field label={t("patrol.handover")} hint={t("patrol.handover.hint")} optional={t("patrol.optional")}>
        {(wired) => (
          <textarea {...wired} autofocus rows={5} maxLength={2000} value={draft.note} onInput={(event) => change({ note: event.currentTarget.value })} />
        )}
      </Field>
      <Wrong problem={problem} />
      <div class="row">
        <button type="submit" class="primary" disabled={busy || waiting > 0}>
          {t("patrol.end.do")}
        </button>
      </div>
    </form>
  );
}
