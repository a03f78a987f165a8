import { useState } from "preact/hooks";
import { closeCase } from "../../api/cases";
import { listCases, type Problem } from "../../api/client";
import { type Hold, listAllHolds } from "../../api/recordings";
import type { Case } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { lookUnder } from "../../store/casepurpose";
import { go, href } from "../../store/route";
import { may, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Wrong } from "../../ui/formend";
import { Icon } from "../../ui/icon";
import { Notice, Stale, Unread } from "../../ui/notice";
import { nameOf } from "../../ui/placepick";
import { toast } from "../../ui/toast";
import { ExpiringCases } from "./expiring";
import { CaseForm } from "./form";
import { Holds } from "./holds";

const SOON_MS = 7 * 86_400_000;

/** The cases one works on or oversees, open ones first, with what is to be done about them. */
export function CaseList() {
  const { value: cases, problem, again } = useAsked(() => listCases());
  const holds = useAsked(listAllHolds).value;
  const [edited, setEdited] = useState<Case | "new" | null>(null);
  const [closing, setClosing] = useState<Case | null>(null);
  const [holding, setHolding] = useState<Case | null>(null);

  if (cases === null) return <Unread problem={problem} retry={again} />;
  return (
    <section aria-label={t("cases.list")} class="case-list">
      {problem && <Stale problem={problem} />}
      <ExpiringCases />
      {may("work_cases") && (
        <div class="row">
          <span class="grow" />
          {may("manage_cases") && (
            <button type="button" onClick={() => setEdited("new")}>
              {t("case.new")}
            </button>
          )}
          <a class="button primary" href={href("cases", undefined, "new")}>
            <Icon name="add" /> {t("report.take")}
          </a>
        </div>
      )}
      {cases.length === 0 && (
        <Notice title={t("cases.none")}>{t(may("manage_cases") ? "cases.none.how" : "case.none.ask")}</Notice>
      )}
      <ul class="cards">
        {cases.map((one) => (
          <li key={one.id} class={one.state === "open" ? "case-card" : "case-card case-over"}>
            <CaseHead one={one} ending={endingOf(holds, one)} />
            <dl class="case-facts">
              <dt>{t("case.places")}</dt>
              <dd>{one.places.length > 0 ? one.places.map(nameOf).join(t("list.and")) : t("case.places.any")}</dd>
              <dt>{t("case.window")}</dt>
              <dd>{one.starts_at && one.ends_at ? `${minute(one.starts_at)} – ${minute(one.ends_at)}` : t("case.window.any")}</dd>
              <dt>{t("case.members")}</dt>
              <dd>{one.members.map((who) => who.display_name || who.name).join(t("list.and"))}</dd>
            </dl>
            <div class="row">
              {one.member && one.state === "open" && <LookButton one={one} />}
              {one.member && one.state === "open" && (
                <button type="button" onClick={() => go(href("cases", new URLSearchParams({ case: one.id }), "approvals", "ask"))}>
                  {t("reach.ask")}
                </button>
              )}
              {one.editable && one.state !== "closed" && (
                <button type="button" onClick={() => setEdited(one)}>
                  {t(one.state === "expired" ? "case.prolong" : "case.edit")}
                </button>
              )}
              <button type="button" onClick={() => setHolding(one)}>
                {t("hold.list")}
              </button>
              {one.editable && one.state !== "closed" && (
                <button type="button" onClick={() => setClosing(one)}>
                  {t("case.close")}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {edited && (
        <Dialog wide label={edited === "new" ? t("case.new") : `${edited.number} ${edited.title}`} onClose={() => setEdited(null)}>
          <CaseForm
            {...(edited === "new" ? {} : { of: edited })}
            done={() => {
              setEdited(null);
              again();
            }}
            cancel={() => setEdited(null)}
            overtaken={again}
          />
        </Dialog>
      )}
      {holding && <Holds of={holding} onClose={() => setHolding(null)} />}
      {closing && <Close one={closing} onClose={() => setClosing(null)} done={again} />}
    </section>
  );
}

/** When the first of a case's holds ends, where that is soon. */
function endingOf(holds: readonly Hold[] | null, one: Case): string | null {
  const mine = (holds ?? []).filter((hold) => hold.case_id === one.id && hold.active).map((hold) => hold.expires_at);
  const first = mine.sort()[0];
  return first !== undefined && new Date(first).getTime() - Date.now() < SOON_MS ? first : null;
}

function CaseHead({ one, ending }: { one: Case; ending: string | null }) {
  const soon = one.state === "open" && new Date(one.expires_at).getTime() - Date.now() < SOON_MS;
  return (
    <div class="case-head">
      <h3>
        <a href={href("cases", undefined, one.id)}>{one.title}</a>
      </h3>
      <span class="muted">{one.number}</span>
      <span class="tag">{one.offence === "other" && one.offence_text ? one.offence_text : word("offence", one.offence)}</span>
      <span class={one.state === "open" ? "tag tag-ok" : "tag"}>{word("caseState", one.state)}</span>
      {soon && <span class="tag tag-wait">{t("case.soon", { at: minute(one.expires_at) })}</span>}
      {!one.responsible && <span class="tag tag-wait">{t("case.nobody")}</span>}
      {one.state !== "closed" && ending && <span class="tag tag-wait">{t("warn.hold", { at: minute(ending) })}</span>}
      <span class="grow" />
      <span class="muted small">
        {one.responsible && t("case.by", { name: one.responsible.display_name || one.responsible.name })}
        {one.state === "open" && !soon && ` · ${t("case.until", { at: minute(one.expires_at) })}`}
        {one.closed_at && ` · ${t("case.closedAt", { at: minute(one.closed_at) })}`}
      </span>
    </div>
  );
}

function LookButton({ one }: { one: Case }) {
  const [busy, setBusy] = useState(false);
  async function enter(): Promise<void> {
    setBusy(true);
    try {
      await lookUnder(one);
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

function Close({ one, onClose, done }: { one: Case; onClose: () => void; done: () => void }) {
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function close(): Promise<void> {
    setFailed(null);
    setBusy(true);
    try {
      await closeCase(one.id);
      toast(t("case.done", { number: one.number }), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("case.closing", { number: one.number })} onClose={onClose}>
      <div class="admin-form">
        <p>{t("case.close.means")}</p>
        <Wrong problem={failed} />
        <div class="row">
          <button type="button" class="danger" disabled={busy} onClick={() => void close()}>
            {t("case.close")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
