import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import {
  type Consent,
  CONSENT_STEPS,
  consentHistory,
  type ConsentStep,
  createConsent,
  inviteConsent,
  listConsents,
  paperOf,
  putScan,
  receiptOf,
  renewLink,
  scanOf,
  stepConsent,
  withdrawConsent,
} from "../../../api/register";
import type { Camera } from "../../../api/types";
import { listed, t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { type Complaints, refused } from "../../../store/cameraform";
import { consentBody, consentComplaints, type ConsentForm, EMPTY_CONSENT, hourOf } from "../../../store/consentform";
import { useDraft } from "../../../store/drafts";
import { may, settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Wrong } from "../../../ui/formend";
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
            <Doing one={one} again={again} leave={() => setLeaving(one)} />
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

const TONES: Partial<Record<Consent["state"], string>> = { active: "tag-ok", paused: "tag-wait", expired: "tag-bad" };

function Lines({ one, now }: { one: Consent; now: number }) {
  const early = one.state === "active" && Date.parse(one.valid_from) > now;
  return (
    <div>
      <p>
        <span class={`tag ${early ? "" : (TONES[one.state] ?? "")}`}>
          {early ? t("consent.early", { at: minute(one.valid_from) }) : word("consentState", one.state)}
        </span>{" "}
        <strong>
          <bdi>{one.owner_name}</bdi>
        </strong>{" "}
        {listed(one.scopes.map((scope) => word("scope", scope)))}
        {one.masks.length > 0 && ` · ${t("consent.masks", { n: one.masks.length })}`}
      </p>
      <p class="small">
        {one.from_minute === null || one.to_minute === null
          ? t("consent.allDay")
          : t("consent.hours", { from: hourOf(one.from_minute), to: hourOf(one.to_minute) })}{" "}
        · {t("consent.from", { at: minute(one.valid_from) })}{" "}
        {one.valid_to === null ? t("consent.open") : t("consent.to", { at: minute(one.valid_to) })}
        {one.reconfirm_by !== null && one.withdrawn_at === null && ` · ${t("consent.reconfirm.by", { at: minute(one.reconfirm_by) })}`}
      </p>
      <p class="small muted">
        {one.signed_at === null
          ? t("consent.unsigned", { text: one.text_version })
          : t("consent.signed", { at: minute(one.signed_at), text: one.text_version })}
        {one.withdrawn_at !== null && ` · ${t("consent.withdrawnAt", { at: minute(one.withdrawn_at) })}`}
      </p>
    </div>
  );
}

/** What may be done about a consent: its next steps, paper, signature, and what was done. */
function Doing({ one, again, leave }: { one: Consent; again: () => void; leave: () => void }) {
  const { value: history } = useAsked((until) => consentHistory(one.id, until), [one.id, one.state]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const writes = may("register");

  async function run(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      toast(await work(), { tone: "ok" });
      again();
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }
  const step = (what: ConsentStep): Promise<void> =>
    run(async () => {
      await stepConsent(one.id, what);
      return t("consent.stepped", { step: word("consentStep", what) });
    });
  const scan = (file: File | undefined): void => {
    if (file) void run(async () => (await putScan(one.id, file), t("consent.scan.kept")));
  };
  return (
    <div class="consent-doing">
      <div class="row">
        {writes &&
          CONSENT_STEPS.filter((what) => history?.may.includes(what)).map((what) => (
            <button key={what} type="button" disabled={busy} onClick={() => void step(what)}>
              {word("consentStep", what)}
            </button>
          ))}
        {writes && one.state !== "withdrawn" && (
          <>
            <a class="button" href={paperOf(one.id)} target="_blank" rel="noreferrer">
              {t("consent.print")}
            </a>
            <label class="button">
              {t(one.has_scan ? "consent.scan.again" : "consent.scan")}
              <input
                type="file"
                class="unseen"
                accept="image/jpeg,image/png"
                disabled={busy}
                onChange={(event) => {
                  scan(event.currentTarget.files?.[0]);
                  event.currentTarget.value = "";
                }}
              />
            </label>
            <button type="button" disabled={busy} onClick={() => void run(async () => (await renewLink(one.id), t("consent.link.renewed")))}>
              {t("consent.link.renew")}
            </button>
          </>
        )}
        {writes && one.has_scan && (
          <a class="button" href={scanOf(one.id)} target="_blank" rel="noreferrer">
            {t("consent.scan.show")}
          </a>
        )}
        {one.state === "withdrawn" && (
          <a class="button" href={receiptOf(one.id)} target="_blank" rel="noreferrer">
            {t("consent.receipt")}
          </a>
        )}
        {writes && one.state !== "withdrawn" && (
          <button type="button" class="danger" disabled={busy} onClick={leave}>
            {t("consent.withdraw")}
          </button>
        )}
      </div>
      <Wrong problem={problem} />
      {history && history.steps.length > 0 && (
        <details>
          <summary>{t("consent.history")}</summary>
          <ul class="dashes small">
            {history.steps.map((line) => (
              <li key={line.at + line.step}>
                {minute(line.at)} {word("consentStep", line.step)} · <bdi>{line.by === "owner" ? t("consent.by.owner") : line.by}</bdi>
                {line.note !== "" && ` · ${line.note}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function NewConsent({ camera, done, cancel }: { camera: Camera; done: () => void; cancel: () => void }) {
  const start = (): ConsentForm => ({ ...EMPTY_CONSENT, owner_name: camera.owner_name });
  const [form, change, restart] = useDraft<ConsentForm>(`consent/${camera.id}`, start);
  const [wrong, setWrong] = useState<Complaints>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function save(create: typeof createConsent, said: string): Promise<void> {
    const found = consentComplaints(form);
    setWrong(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await create(camera.id, consentBody(form));
      restart(start());
      toast(said, { tone: "ok" });
      done();
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
      setBusy(false);
    }
  }
  return (
    <form class="panel camera-form" onSubmit={(event) => (event.preventDefault(), void save(createConsent, t("consent.added")))}>
      <h2>{t("consent.add")}</h2>
      <ConsentFields form={form} camera={camera.id} change={change} wrong={wrong} />
      <Wrong problem={problem} />
      <div class="form-foot">
        <button type="submit" class="primary" disabled={busy}>
          {t("edit.save")}
        </button>
        <button type="button" disabled={busy} onClick={() => void save(inviteConsent, t("consent.invited"))}>
          {t("consent.invite")}
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
      const receipt = await withdrawConsent(consent.id);
      toast(t("consent.withdrawn.number", { number: receipt.number }), { tone: "ok" });
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
          <li>{t("consent.withdraw.purge")}</li>
          <li>{t("consent.withdraw.back")}</li>
        </ul>
        <Wrong problem={problem} />
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
