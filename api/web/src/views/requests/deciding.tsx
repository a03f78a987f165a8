import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { DECISIONS, decideRequest, type Refusal, REFUSALS, type ViewingRequest } from "../../api/requests";
import { problemText, t, word } from "../../i18n";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { toast } from "../../ui/toast";

/** Yes, no or in part; a refusal says why, in the words of the letter. */
export function Deciding({ one, onClose, done }: { one: ViewingRequest; onClose: () => void; done: () => void }) {
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]>("granted");
  const [refusal, setRefusal] = useState<Refusal>("others");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function decide(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await decideRequest(one.id, { decision, refusal: decision === "granted" ? null : refusal, text: text.trim() });
      toast(t("request.decided", { n: one.number }), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("request.deciding", { n: one.number, name: one.asker })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void decide(event)}>
        <fieldset class="choices">
          <legend>{t("request.decision")}</legend>
          {DECISIONS.map((value) => (
            <label key={value} class="check">
              <input type="radio" name="decision" checked={decision === value} onChange={() => setDecision(value)} />
              <span>{word("requestDecision", value)}</span>
            </label>
          ))}
        </fieldset>
        {decision !== "granted" && (
          <Field label={t("request.refusal")}>
            {(wired) => (
              <select {...wired} value={refusal} onChange={(event) => setRefusal(event.currentTarget.value as Refusal)}>
                {REFUSALS.map((value) => (
                  <option key={value} value={value}>
                    {word("refusal", value)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field label={t("request.text")} hint={t("request.text.hint")} error={problem && problemText(problem)}>
          {(wired) => <textarea {...wired} rows={3} maxLength={200} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <div class="row">
          <button type="submit" class="primary" disabled={busy}>
            {t("request.decide")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
