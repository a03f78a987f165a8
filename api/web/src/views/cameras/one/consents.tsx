import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { type Consent, createConsent, listConsents, withdrawConsent } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { listed, problemText, t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { type Complaints, refused } from "../../../store/cameraform";
import { consentBody, consentComplaints, type ConsentForm, EMPTY_CONSENT, hourOf } from "../../../store/consentform";
import { useDraft } from "../../../store/drafts";
import { may, settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Notice, Unread } from "../../../ui/notice";
import { toast } from "../../../ui/toast";
import { ConsentFields } from "../consent";

export function Consents({ camera }: { camera: Camera }) {
  const { value: list, problem, again } = useAsked((until) => listConsents(camera.id, until), [camera.id]);
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Consent | null>(null);

  if (list === null || problem) return <Unread problem={problem} retry={again} />;
  const now = Date.now();
  return (
    <div class="consents">
      {may("register") && !adding && (
        <div class="row">
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            {t("consent.add")}
          </button>
        </div>
      )}
      {adding && (
        <NewConsent
          camera={camera}
          done={() => {
            setAdding(false);
            again();
          }}
          cancel={() => setAdding(false)}
        />
      )}
      {list.length === 0 && !adding && <Notice title={t("consent.none")}>{t("consent.none.means")}</Notice>}
      <ul class="consent-list">
        {list.map((one) => (
          <li key={one.id} class="panel">
            <Lines one={one} now={now} />
            {may("register") && stands(one, now) && (
              <button type="button" class="danger" onClick={() => setLeaving(one)}>
                {t("consent.withdraw")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {leaving && (
        <Withdraw
          consent={leaving}
          done={() => {
            setLeaving(null);
            again();
          }}
          cancel={() => setLeaving(null)}
        />
      )}
    </div>
  );
}

const stands = (one: Consent, now: number): boolean =>
  one.withdrawn_at === null && (one.valid_to === null || Date.parse(one.valid_to) > now);

function Lines({ one, now }: { one: Consent; now: number }) {
  const early = Date.parse(one.valid_from) > now;
  const state = one.withdrawn_at !== null ? "withdrawn" : !stands(one, now) ? "over" : early ? "early" : "stands";
  return (
    <div>
      <p>
        <span class={`tag ${state === "stands" ? "tag-ok" : ""}`}>{t(`consent.is.${state}`)}</span>{" "}
        <strong>
          <bdi>{one.owner_name}</bdi>
        </strong>{" "}
        {listed(one.scopes.map((scope) => word("scope", scope)))}
      </p>
      <p class="small">
        {one.from_minute === null || one.to_minute === null
          ? t("consent.allDay")
          : t("consent.hours", { from: hourOf(one.from_minute), to: hourOf(one.to_minute) })}{" "}
        · {t("consent.from", { at: minute(one.valid_from) })}{" "}
        {one.valid_to === null ? t("consent.open") : t("consent.to", { at: minute(one.valid_to) })}
      </p>
      <p class="small muted">
        {t("consent.signed", { at: minute(one.signed_at), text: one.text_version })}
        {one.withdrawn_at !== null && ` · ${t("consent.withdrawnAt", { at: minute(one.withdrawn_at) })}`}
      </p>
    </div>
  );
}

function NewConsent({ camera, done, cancel }: { camera: Camera; done: () => void; cancel: () => void }) {
  const start = (): ConsentForm => ({ ...EMPTY_CONSENT, owner_name: camera.owner_name });
  const [form, change, restart] = useDraft<ConsentForm>(`consent/${camera.id}`, start);
  const [wrong, setWrong] = useState<Complaints>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const found = consentComplaints(form);
    setWrong(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await createConsent(camera.id, consentBody(form));
      restart(start());
      toast(t("consent.added"), { tone: "ok" });
      done();
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
      setBusy(false);
    }
  }
  return (
    <form class="panel camera-form" onSubmit={(event) => void save(event)}>
      <h2>{t("consent.add")}</h2>
      <ConsentFields form={form} change={change} wrong={wrong} />
      {problem && (
        <p class="error" role="alert">
          {problemText(problem)}
        </p>
      )}
      <div class="form-foot">
        <button type="submit" class="primary" disabled={busy}>
          {t("edit.save")}
        </button>
        <button type="button" onClick={cancel}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

function Withdraw({ consent, done, cancel }: { consent: Consent; done: () => void; cancel: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function withdraw(): Promise<void> {
    setBusy(true);
    try {
      await withdrawConsent(consent.id);
      toast(t("consent.withdrawn"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("consent.withdraw")} onClose={cancel}>
      <div class="subform">
        <p>{t("consent.withdraw.means")}</p>
        <ul class="dashes">
          <li>{t("consent.withdraw.pull")}</li>
          <li>{t("consent.withdraw.events")}</li>
          <li>{t("consent.withdraw.back")}</li>
        </ul>
        {problem && (
          <p class="error" role="alert">
            {problemText(problem)}
          </p>
        )}
        <div class="row">
          <button type="button" class="danger" disabled={busy} onClick={() => void withdraw()}>
            {t("consent.withdraw.go")}
          </button>
          <button type="button" onClick={cancel}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
