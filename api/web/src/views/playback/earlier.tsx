import { useState } from "preact/hooks";
import { askApproval } from "../../api/cases";
import type { Problem } from "../../api/client";
import { problemText, t } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { purpose, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { toast } from "../../ui/toast";

const HOURS = [4, 24, 72] as const;

interface Props {
  camera: { id: string; name: string };
  from: number;
  to: number;
}

/** To see what was recorded before a mask, for the case one looks under: a second person approves. */
export function AskEarlier({ camera, from, to }: Props) {
  const [open, setOpen] = useState(false);
  if (!purpose.value?.case_id) return null;
  return (
    <>
      <button type="button" class="small-button" onClick={() => setOpen(true)}>
        {t("earlier.ask")}
      </button>
      {open && <Form camera={camera} from={from} to={to} caseId={purpose.value.case_id} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ camera, from, to, caseId, onClose }: Props & { caseId: string; onClose: () => void }) {
  const [draft, setDraft] = useState({ from: minute(from), to: minute(to), hours: HOURS[0] as number, reason: "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const [begin, end] = [parseLocal(draft.from), parseLocal(draft.to)];
  const whole = begin !== null && end !== null && begin < end && draft.reason.trim() !== "";
  async function request(event: Event): Promise<void> {
    event.preventDefault();
    if (begin === null || end === null) return;
    setBusy(true);
    try {
      const span = { starts_at: begin.toISOString(), ends_at: end.toISOString() };
      await askApproval({ kind: "earlier", case_id: caseId, camera_id: camera.id, ...span, hours: draft.hours }, draft.reason.trim());
      toast(t("unmask.asked"), { tone: "ok" });
      onClose();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("earlier.title")} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void request(event)}>
        <p>
          <strong>{camera.name}</strong> {t("earlier.means")}
        </p>
        <Field label={t("request.from")}>{(wired) => <input {...wired} value={draft.from} onInput={(event) => set({ from: event.currentTarget.value })} />}</Field>
        <Field label={t("request.to")} error={begin !== null && end !== null && end <= begin ? t("request.to.wrong") : null}>
          {(wired) => <input {...wired} value={draft.to} onInput={(event) => set({ to: event.currentTarget.value })} />}
        </Field>
        <Field label={t("earlier.hours")}>
          {(wired) => (
            <select {...wired} value={draft.hours} onChange={(event) => set({ hours: Number(event.currentTarget.value) })}>
              {HOURS.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("unmask.reason")} error={problem && problemText(problem)}>
          {(wired) => <input {...wired} required maxLength={200} value={draft.reason} onInput={(event) => set({ reason: event.currentTarget.value })} />}
        </Field>
        <div class="row">
          <button type="submit" class="primary" disabled={busy || !whole}>
            {t("unmask.ask")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
