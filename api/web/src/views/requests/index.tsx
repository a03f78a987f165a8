import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { closeRequest, listRequests, showRequest, type ViewingRequest, withdrawRequest } from "../../api/requests";
import { listed, problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { may, session, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice, Stale, Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";
import "../../styles/requests.css";
import { Deciding } from "./deciding";
import { Letter } from "./letter";
import { Receive } from "./receive";

type Step = "decide" | "close" | "receipt" | "answer";

/** Who asked to see what was recorded of him; what must be answered first stands at the top. */
export function RequestList() {
  const { value, problem, again, act } = useAsked(listRequests);
  const [receiving, setReceiving] = useState(false);
  const [taken, setTaken] = useState<{ one: ViewingRequest; step: Step } | null>(null);
  const done = (): void => {
    setTaken(null);
    setReceiving(false);
    again();
  };
  const late = (value ?? []).filter((one) => one.overdue).length;
  return (
    <section aria-label={t("requests")} class="case-list">
      <div class="row">
        <p class="muted">{t("requests.means")}</p>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setReceiving(true)}>
          {t("request.receive")}
        </button>
      </div>
      {late > 0 && (
        <p class="hint clash" role="alert">
          {t("requests.late", { n: late })}
        </p>
      )}
      {value === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          {value.length === 0 && <Notice title={t("requests.none")}>{t("requests.none.how")}</Notice>}
          <ul class="cards">
            {value.map((one) => (
              <li key={one.id} class={one.state === "closed" ? "case-card case-over" : "case-card"}>
                <Card
                  one={one}
                  take={(step) => setTaken({ one, step })}
                  withdraw={() => void act(async () => t("request.withdrawn", { n: (await withdrawRequest(one.id)).number }))}
                  show={(how) => void act(async () => t("request.shown", { n: (await showRequest(one.id, { how })).number }))}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      {receiving && (
        <Receive
          onClose={() => setReceiving(false)}
          done={(one) => {
            done();
            setTaken({ one, step: "receipt" });
          }}
        />
      )}
      {taken?.step === "decide" && <Deciding one={taken.one} onClose={() => setTaken(null)} done={done} />}
      {taken?.step === "close" && <Closing one={taken.one} onClose={() => setTaken(null)} done={done} />}
      {(taken?.step === "receipt" || taken?.step === "answer") && (
        <Letter one={taken.one} kind={taken.step} onClose={() => setTaken(null)} />
      )}
    </section>
  );
}

interface CardProps {
  one: ViewingRequest;
  take: (step: Step) => void;
  withdraw: () => void;
  show: (how: "office" | "copy") => void;
}

function Card({ one, take, withdraw, show }: CardProps) {
  const granted = one.decision === "granted" || one.decision === "partly";
  const names = one.cameras.map((camera) => camera.name);
  return (
    <>
      <div class="case-head">
        <h3>
          {one.number} <bdi>{one.asker}</bdi>
        </h3>
        <span class="muted">{word("relation", one.relation)}</span>
        <span class={one.overdue ? "tag tag-bad" : one.state === "received" ? "tag tag-wait" : "tag"}>
          {one.overdue ? t("request.overdue") : word("requestState", one.state)}
        </span>
        {one.decision && <span class={granted ? "tag tag-ok" : "tag"}>{word("requestDecision", one.decision)}</span>}
        <span class="grow" />
        <span class="muted small">{t("request.received", { by: one.received_by, at: minute(one.received_at) })}</span>
      </div>
      <dl class="case-facts">
        <dt>{t("request.about")}</dt>
        <dd>
          {one.village_name && `${one.village_name} · `}
          {listed(one.others > 0 ? [...names, t("hold.others", { n: one.others })] : names)}
        </dd>
        <dt>{t("request.span")}</dt>
        <dd class="time">
          {minute(one.from)} – {minute(one.to)}
          {one.held_until && one.state !== "closed" && <span class="muted small"> {t("request.held", { at: minute(one.held_until) })}</span>}
        </dd>
        <dt>{t("request.grounds")}</dt>
        <dd>{one.grounds}</dd>
        <dt>{t("request.document")}</dt>
        <dd>{t("request.id", { kind: word("idKind", one.id_kind), last: one.id_last4 })}</dd>
        {one.contact && (
          <>
            <dt>{t("request.contact")}</dt>
            <dd>{one.contact}</dd>
          </>
        )}
        {one.decision === null && (
          <>
            <dt>{t("request.due")}</dt>
            <dd class="time">{minute(one.due_at)}</dd>
          </>
        )}
        {one.decided_at && (
          <>
            <dt>{t("request.decision")}</dt>
            <dd>
              {[one.refusal && word("refusal", one.refusal), one.decision_text].filter(Boolean).join("；") || word("requestDecision", one.decision ?? "granted")}
              <span class="muted small"> {t("request.by", { by: one.decided_by, at: minute(one.decided_at) })}</span>
            </dd>
          </>
        )}
        {one.shown_at && (
          <>
            <dt>{t("request.showing")}</dt>
            <dd>
              {word("shownHow", one.shown_how ?? "office")}
              <span class="muted small"> {t("request.by", { by: one.shown_by, at: minute(one.shown_at) })}</span>
            </dd>
          </>
        )}
        {one.closing_note && (
          <>
            <dt>{t("request.note")}</dt>
            <dd>{one.closing_note}</dd>
          </>
        )}
      </dl>
      <div class="row">
        {one.state === "received" && may("approve") && (
          <button type="button" class="primary" onClick={() => take("decide")}>
            {t("request.decide")}
          </button>
        )}
        {one.state === "decided" && granted && (
          <>
            <button type="button" class="primary" onClick={() => show("office")}>
              {t("request.show.office")}
            </button>
            <button type="button" onClick={() => show("copy")}>
              {t("request.show.copy")}
            </button>
          </>
        )}
        {(one.state === "decided" || one.state === "shown") && (
          <button type="button" onClick={() => take("close")}>
            {t("request.close")}
          </button>
        )}
        {one.state === "received" && (
          <button type="button" onClick={withdraw}>
            {t("request.withdraw")}
          </button>
        )}
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => take("receipt")}>
          {t("request.print.receipt")}
        </button>
        {one.decision && one.decision !== "withdrawn" && (
          <button type="button" class="quiet" onClick={() => take("answer")}>
            {t("request.print.answer")}
          </button>
        )}
      </div>
      {one.state === "received" && one.received_by === session.value?.user.name && may("approve") && <p class="muted small">{t("request.own")}</p>}
    </>
  );
}

function Closing({ one, onClose, done }: { one: ViewingRequest; onClose: () => void; done: () => void }) {
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function close(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await closeRequest(one.id, { note: note.trim() });
      toast(t("request.closed", { n: one.number }), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("request.closing", { n: one.number })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void close(event)}>
        <p class="muted">{t("request.close.means")}</p>
        <Field label={t("request.note")} error={problem && problemText(problem)}>
          {(wired) => <input {...wired} autofocus maxLength={200} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
        </Field>
        <div class="row">
          <button type="submit" class="primary" disabled={busy}>
            {t("request.close")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
