import { useState } from "preact/hooks";
import { type Approval, decideApproval, endApproval, isEarlier, isExport, isReach, isUnmask, listApprovals } from "../../api/cases";
import { openPurpose, type Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { waiting } from "../../store/approvals";
import { useAsked } from "../../store/asked";
import { go, href, route } from "../../store/route";
import { look, may, session, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Wrong } from "../../ui/formend";
import { Notice, Stale, Unread } from "../../ui/notice";
import { nameOf } from "../../ui/placepick";
import { toast } from "../../ui/toast";
import { AskForMore } from "./ask";
import { EarlierFacts, ExportFacts, UnmaskFacts } from "./facts";

type Step = "grant" | "refuse" | "withdraw" | "revoke";

/** What one asked for, and what waits for one's decision, which comes first. */
export function ApprovalList() {
  const { value, problem, again } = useAsked(async () => {
    const read = await listApprovals();
    waiting.value = read.waiting;
    return read.approvals;
  });
  const [taken, setTaken] = useState<{ one: Approval; step: Step } | null>(null);
  const asking = route.value.path[1] === "ask";
  const back = (): void => go(href("cases", undefined, "approvals"), true);

  return (
    <section aria-label={t("approvals")} class="case-list">
      {may("open_case") && (
        <div class="row">
          <span class="grow" />
          <button type="button" onClick={() => go(href("cases", undefined, "approvals", "ask"))}>
            {t("reach.ask")}
          </button>
        </div>
      )}
      {value === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          {value.length === 0 && <Notice title={t("approvals.none")}>{t("approvals.none.how")}</Notice>}
          <ul class="cards">
            {value.map((one) => (
              <li key={one.id} class={one.state === "asked" || one.state === "granted" ? "case-card" : "case-card case-over"}>
                <Card one={one} take={(step) => setTaken({ one, step })} />
              </li>
            ))}
          </ul>
        </>
      )}
      {taken && (
        <Deciding
          {...taken}
          onClose={() => setTaken(null)}
          done={() => {
            setTaken(null);
            again();
          }}
        />
      )}
      {asking && (
        <AskForMore
          onClose={back}
          done={() => {
            back();
            again();
          }}
        />
      )}
    </section>
  );
}

function Card({ one, take }: { one: Approval; take: (step: Step) => void }) {
  const mine = one.requester === session.value?.user.name;
  return (
    <>
      <div class="case-head">
        <h3>{word("approvalKind", one.asked.kind)}</h3>
        {one.case_number && <span class="muted">{one.case_number}</span>}
        <span class={{ granted: "tag tag-ok", asked: "tag tag-wait", refused: "tag tag-bad" }[one.state as string] ?? "tag"}>
          {word("approvalState", one.state)}
        </span>
        <span class="grow" />
        <span class="muted small">
          {t("approval.by", { name: one.requester_name || one.requester, unit: one.requester_unit, at: minute(one.asked_at) })}
        </span>
      </div>
      <dl class="case-facts">
        {isReach(one.asked) && (
          <>
            <dt>{t("case.places")}</dt>
            <dd>{one.asked.places.map(nameOf).join(t("list.and"))}</dd>
            <dt>{t("case.window")}</dt>
            <dd>
              {minute(one.asked.starts_at)} – {minute(one.asked.ends_at)}
            </dd>
          </>
        )}
        {isUnmask(one.asked) && <UnmaskFacts asked={one.asked} />}
        {isEarlier(one.asked) && <EarlierFacts asked={one.asked} />}
        {isExport(one.asked) && <ExportFacts asked={one.asked} />}
        <dt>{t("reach.hours")}</dt>
        <dd>
          {t("approval.hours", { n: one.asked.hours })}
          {one.state === "granted" && one.ends_at && ` · ${t("case.until", { at: minute(one.ends_at) })}`}
          {one.state === "asked" && ` · ${t("approval.waits", { at: minute(one.waits_until) })}`}
        </dd>
        <dt>{t("purpose.reason")}</dt>
        <dd>{one.reason}</dd>
        {one.decided_by && (
          <>
            <dt>{t("approval.decision")}</dt>
            <dd>
              {one.decision}
              <span class="muted small"> {t("approval.decided", { name: one.decided_by, at: minute(one.decided_at ?? "") })}</span>
            </dd>
          </>
        )}
        {one.ended_by && (
          <>
            <dt>{word("approvalState", one.state)}</dt>
            <dd>
              {one.ending}
              <span class="muted small"> {t("approval.decided", { name: one.ended_by, at: minute(one.ended_at ?? "") })}</span>
            </dd>
          </>
        )}
      </dl>
      <div class="row">
        {one.decidable && (
          <>
            <button type="button" class="primary" onClick={() => take("grant")}>
              {t("approval.grant")}
            </button>
            <button type="button" class="danger" onClick={() => take("refuse")}>
              {t("approval.refuse")}
            </button>
          </>
        )}
        {mine && one.state === "granted" && isReach(one.asked) && <LookButton one={one} case_id={one.asked.case_id} />}
        {mine && one.state === "granted" && isExport(one.asked) && (
          <a class="button primary" href={href("cases", undefined, one.asked.case_id, "papers")}>
            {t("step.papers")}
          </a>
        )}
        {mine && (one.state === "asked" || one.state === "granted") && (
          <button type="button" onClick={() => take("withdraw")}>
            {t(one.state === "asked" ? "approval.withdraw" : "approval.giveBack")}
          </button>
        )}
        {!mine && one.state === "granted" && may("approve") && (
          <button type="button" onClick={() => take("revoke")}>
            {t("approval.revoke")}
          </button>
        )}
      </div>
    </>
  );
}

function LookButton({ one, case_id }: { one: Approval; case_id: string }) {
  const [busy, setBusy] = useState(false);
  async function enter(): Promise<void> {
    setBusy(true);
    try {
      await look(await openPurpose({ kind: "case", case_id, approval_id: one.id, reason: one.reason }));
      go(href("events"));
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
      setBusy(false);
    }
  }
  return (
    <button type="button" class="primary" disabled={busy} onClick={() => void enter()}>
      {t("case.look")}
    </button>
  );
}

function Deciding({ one, step, onClose, done }: { one: Approval; step: Step; onClose: () => void; done: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      if (step === "grant" || step === "refuse") await decideApproval(one, step === "grant", reason.trim());
      else await endApproval(one, step, reason.trim());
      toast(t(`approval.done.${step}`), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t(`approval.doing.${step}`, { name: one.requester_name || one.requester })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void submit(event)}>
        <Field label={t("purpose.reason")} hint={t("approval.reason.hint")}>
          {(wired) => <input {...wired} required autofocus maxLength={200} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}
        </Field>
        <Wrong problem={problem} />
        <div class="row">
          <button type="submit" class={step === "grant" ? "primary" : "danger"} disabled={busy || reason.trim() === ""}>
            {t(`approval.do.${step}`)}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
