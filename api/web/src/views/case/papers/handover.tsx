import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { type EvidenceExport, handOver, MEDIA, type Medium } from "../../../api/evidence";
import { t, word } from "../../../i18n";
import { parseLocal, stamp } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { FormEnd } from "../../../ui/formend";
import { toast } from "../../../ui/toast";

/** Enters to whom a pack was handed over, on what, and whether its fingerprint was told by another way. */
export function HandingOver({ of, onClose, done }: { of: EvidenceExport; onClose: () => void; done: () => void }) {
  const [recipient, setRecipient] = useState(of.asked.recipient);
  const [unit, setUnit] = useState("");
  const [shown, setShown] = useState("");
  const [medium, setMedium] = useState<Medium>("disc");
  const [at, setAt] = useState(stamp(Date.now()));
  const [told, setTold] = useState(false);
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const when = parseLocal(at);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!when) return;
    setBusy(true);
    setProblem(null);
    try {
      await handOver(of.id, {
        recipient: recipient.trim(),
        recipient_unit: unit.trim(),
        document: shown.trim(),
        medium,
        told,
        handed_at: when.toISOString(),
        note: note.trim(),
      });
      toast(t("export.hand.done"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("export.hand")} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void submit(event)}>
        <Field label={t("export.hand.who")}>
          {(wired) => <input {...wired} required autofocus maxLength={64} value={recipient} onInput={(event) => setRecipient(event.currentTarget.value)} />}
        </Field>
        <Field label={t("export.hand.unit")}>
          {(wired) => <input {...wired} required maxLength={64} value={unit} onInput={(event) => setUnit(event.currentTarget.value)} />}
        </Field>
        <Field label={t("export.hand.document")}>
          {(wired) => <input {...wired} maxLength={64} value={shown} onInput={(event) => setShown(event.currentTarget.value)} />}
        </Field>
        <Field label={t("export.hand.medium")}>
          {(wired) => (
            <select {...wired} value={medium} onChange={(event) => setMedium(event.currentTarget.value as Medium)}>
              {MEDIA.map((one) => (
                <option key={one} value={one}>
                  {word("medium", one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("export.hand.at")}>{(wired) => <input {...wired} required value={at} onInput={(event) => setAt(event.currentTarget.value)} />}</Field>
        <label class="check">
          <input type="checkbox" checked={told} onChange={(event) => setTold(event.currentTarget.checked)} /> {t("export.hand.told")}
        </label>
        <Field label={t("export.hand.note")}>
          {(wired) => <input {...wired} maxLength={200} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
        </Field>
        <FormEnd problem={problem} send={t("export.hand")} disabled={busy || !when || recipient.trim() === "" || unit.trim() === ""} cancel={onClose} />
      </form>
    </Dialog>
  );
}
