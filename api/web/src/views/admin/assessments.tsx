import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { type Assessment, createAssessment, endAssessment, listAssessments, reviewAssessment } from "../../api/requests";
import { problemText, t, word } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice, Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";

/** What was assessed, by which document, and when it is looked at again. */
export function AssessmentsPage() {
  const { value, problem, again, act } = useAsked(listAssessments);
  const [open, setOpen] = useState<Assessment | "new" | null>(null);
  return (
    <section class="panel" aria-label={t("assessments")}>
      <div class="row">
        <p class="muted">{t("assessments.means", { n: value?.review_days ?? 365 })}</p>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setOpen("new")}>
          {t("assessment.add")}
        </button>
      </div>
      {value === null ? (
        <Unread problem={problem} retry={again} />
      ) : value.assessments.length === 0 ? (
        <Notice title={t("assessments.none")}>{t("assessments.none.how")}</Notice>
      ) : (
        <div class="table" role="region" aria-label={t("assessments")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("assessment.title")}</th>
                <th scope="col">{t("assessment.document")}</th>
                <th scope="col">{t("assessment.review")}</th>
                <th scope="col">{t("assessment.act")}</th>
              </tr>
            </thead>
            <tbody>
              {value.assessments.map((one) => (
                <tr key={one.id} class={one.ended_at ? "inactive" : ""}>
                  <td>
                    <span class="tag">{word("assessed", one.about)}</span> {one.title}
                  </td>
                  <td>
                    {one.document_number}
                    <p class="muted small">
                      {one.approved_by} · {minute(one.assessed_at).slice(0, 10)}
                    </p>
                  </td>
                  <td class="time">
                    {one.ended_at ? (
                      <span class="tag">{t("assessment.ended")}</span>
                    ) : (
                      <>
                        {minute(one.review_at).slice(0, 10)} {one.overdue && <span class="tag tag-bad">{t("assessment.overdue")}</span>}
                      </>
                    )}
                  </td>
                  <td>
                    {!one.ended_at && (
                      <div class="row">
                        <button type="button" class="small-button" onClick={() => setOpen(one)}>
                          {t("assessment.reviewed")}
                        </button>
                        <button
                          type="button"
                          class="small-button danger"
                          onClick={() => void act(async () => t("assessment.end.done", { title: (await endAssessment(one.id)).title }))}
                        >
                          {t("assessment.end")}
                        </button>
                      </div>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && (
        <Form
          of={open === "new" ? null : open}
          onClose={() => setOpen(null)}
          done={() => {
            setOpen(null);
            again();
          }}
        />
      )}
    </section>
  );
}

function Form({ of, onClose, done }: { of: Assessment | null; onClose: () => void; done: () => void }) {
  const [draft, setDraft] = useState({ about: "deployment" as Assessment["about"], title: "", document_number: "", approved_by: "", at: minute(Date.now()).slice(0, 10) });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const at = parseLocal(`${draft.at} 00:00`);
  const whole = (of !== null || draft.title.trim() !== "") && draft.document_number.trim() !== "" && draft.approved_by.trim() !== "" && at !== null;
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (at === null) return;
    const review = { document_number: draft.document_number.trim(), approved_by: draft.approved_by.trim(), assessed_at: at.toISOString(), review_at: null };
    setBusy(true);
    try {
      await (of ? reviewAssessment(of.id, review) : createAssessment({ ...review, about: draft.about, title: draft.title.trim() }));
      toast(t("assessment.saved"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={of ? t("assessment.reviewing", { title: of.title }) : t("assessment.add")} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void save(event)}>
        {of === null && (
          <>
            <Field label={t("assessment.about")}>
              {(wired) => (
                <select {...wired} value={draft.about} onChange={(event) => set({ about: event.currentTarget.value as Assessment["about"] })}>
                  <option value="deployment">{word("assessed", "deployment")}</option>
                  <option value="analytic">{word("assessed", "analytic")}</option>
                </select>
              )}
            </Field>
            <Field label={t("assessment.title")}>
              {(wired) => <input {...wired} autofocus required maxLength={200} value={draft.title} onInput={(event) => set({ title: event.currentTarget.value })} />}
            </Field>
          </>
        )}
        <Field label={t("assessment.document")}>
          {(wired) => <input {...wired} required maxLength={64} value={draft.document_number} onInput={(event) => set({ document_number: event.currentTarget.value })} />}
        </Field>
        <Field label={t("assessment.approvedBy")}>
          {(wired) => <input {...wired} required maxLength={64} value={draft.approved_by} onInput={(event) => set({ approved_by: event.currentTarget.value })} />}
        </Field>
        <Field label={t("assessment.at")} error={problem && problemText(problem)}>
          {(wired) => <input {...wired} required type="date" value={draft.at} onInput={(event) => set({ at: event.currentTarget.value })} />}
        </Field>
        <div class="row">
          <button type="submit" class="primary" disabled={busy || !whole}>
            {t("assessment.save")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
