import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { type Basis, changePlacement, getPlacement, type Placement, type PlacementChange } from "../../../api/placement";
import { t, word } from "../../../i18n";
import { type Complaints, refused } from "../../../store/cameraform";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";
import { toast } from "../../../ui/toast";
import { wrongText } from "../fields";

const LONG = 200;

const formOf = (now: Placement): PlacementChange => ({
  expected_revision: now.revision,
  basis: now.basis ?? (now.bases.length === 1 ? now.bases[0]! : null),
  purpose: now.purpose || t("placement.purpose.usual"),
  answers: now.answers,
  near_sensitive: now.near_sensitive,
  agreement: now.agreement,
  near_minors: now.near_minors,
  filing_no: now.filing_no,
  filed_on: now.filed_on,
  sign_text: now.sign_text || t("placement.sign.usual"),
});

/** All that is asked of a camera's place but the photo; a yes to a forbidden place is asked for twice. */
export function PlacementForm({ now, keep }: { now: Placement; keep: (made: Placement) => void }) {
  /** What one changed; the rest is as it is now, whoever made it so. */
  const [own, setOwn] = useState<Partial<PlacementChange>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wrong, setWrong] = useState<Complaints>({});
  const form = { ...formOf(now), ...own, answers: { ...now.answers, ...own.answers } };
  const change = (part: Partial<PlacementChange>): void => setOwn((was) => ({ ...was, ...part }));
  const fresh = now.forbidden.filter((one) => form.answers[one] && !now.answers[one]);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (fresh.length > 0 && !confirm(t("placement.yes.sure", { places: fresh.map((one) => word("forbidden", one)).join("、") }))) return;
    setBusy(true);
    setProblem(null);
    setWrong({});
    try {
      const made = await changePlacement(now.camera_id, { ...form, filed_on: form.filed_on || null });
      keep(made);
      setOwn((was) => (was === own ? {} : was));
      toast(t(made.lacks.length === 0 ? "placement.saved.whole" : "placement.saved"), { tone: "ok" });
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
      if (told.code === "placement_stale") await reread();
    }
    setBusy(false);
  }

  async function reread(): Promise<void> {
    try {
      keep(await getPlacement(now.camera_id));
    } catch (err) {
      setProblem(settle(err));
    }
  }

  return (
    <form class="panel camera-form placement-form" noValidate onSubmit={(event) => void save(event)}>
      <fieldset class="plain">
        <legend>{t("placement.checklist")}</legend>
        <p class="muted small">{t("placement.checklist.means")}</p>
        <ul class="placement-answers">
          {now.forbidden.map((one) => (
            <li key={one} role="radiogroup" aria-label={word("forbidden", one)}>
              <span>{word("forbidden", one)}</span>
              {([false, true] as const).map((looks) => (
                <label key={String(looks)} class="check">
                  <input
                    type="radio"
                    name={`looks-${one}`}
                    checked={form.answers[one] === looks}
                    disabled={now.answers[one] === true}
                    onChange={() => change({ answers: { ...own.answers, [one]: looks } })}
                  />
                  <span>{t(looks ? "placement.yes" : "placement.no")}</span>
                </label>
              ))}
            </li>
          ))}
        </ul>
      </fieldset>
      <div class="fields">
        <Field label={t("placement.basis")} error={wrongText(wrong.basis)}>
          {(wired) => (
            <select {...wired} name="basis" value={form.basis ?? ""} onChange={(event) => change({ basis: (event.currentTarget.value || null) as Basis | null })}>
              <option value="">{t("choose")}</option>
              {now.bases.map((one) => (
                <option key={one} value={one}>
                  {word("basis", one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("placement.purpose")} hint={t("placement.purpose.hint")} error={wrongText(wrong.purpose)}>
          {(wired) => <input {...wired} name="purpose" maxLength={LONG} value={form.purpose} onInput={(event) => change({ purpose: event.currentTarget.value })} />}
        </Field>
      </div>
      <label class="check check-wide">
        <input type="checkbox" checked={form.near_sensitive} onChange={(event) => change({ near_sensitive: event.currentTarget.checked })} />
        <span>{t("placement.near_sensitive")}</span>
      </label>
      {form.near_sensitive && (
        <div class="fields">
          <Field label={t("placement.agreement")} hint={t("placement.agreement.hint")} error={wrongText(wrong.agreement)}>
            {(wired) => <input {...wired} name="agreement" maxLength={100} value={form.agreement} onInput={(event) => change({ agreement: event.currentTarget.value })} />}
          </Field>
        </div>
      )}
      <label class="check check-wide">
        <input type="checkbox" checked={form.near_minors} onChange={(event) => change({ near_minors: event.currentTarget.checked })} />
        <span>{t("placement.near_minors")}</span>
      </label>
      <div class="fields">
        <Field label={t("placement.filing_no")} optional={t("optional")} error={wrongText(wrong.filing_no)}>
          {(wired) => <input {...wired} name="filing_no" maxLength={64} value={form.filing_no} onInput={(event) => change({ filing_no: event.currentTarget.value })} />}
        </Field>
        <Field label={t("placement.filed_on")} optional={t("optional")} error={wrongText(wrong.filed_on)}>
          {(wired) => <input {...wired} name="filed_on" placeholder="2026-11-23" maxLength={10} value={form.filed_on ?? ""} onInput={(event) => change({ filed_on: event.currentTarget.value })} />}
        </Field>
        <Field label={t("placement.sign_text")} error={wrongText(wrong.sign_text)}>
          {(wired) => <input {...wired} name="sign_text" maxLength={LONG} value={form.sign_text} onInput={(event) => change({ sign_text: event.currentTarget.value })} />}
        </Field>
      </div>
      <Wrong problem={problem} />
      <div class="form-foot">
        <button type="submit" class="primary" disabled={busy}>
          {t(busy ? "edit.saving" : "edit.save")}
        </button>
      </div>
    </form>
  );
}
