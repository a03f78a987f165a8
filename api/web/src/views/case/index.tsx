import { useState } from "preact/hooks";
import { readCase } from "../../api/cases";
import type { Case } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { looksUnder, lookUnder } from "../../store/casepurpose";
import { go, href, route } from "../../store/route";
import { may, settle } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Tabs } from "../../ui/tabs";
import { toast } from "../../ui/toast";
import "../../styles/casepage.css";
import { type Step, STEPS } from "./steps";
import { Warnings } from "./warnings";

/** One case and the work on it, step by step: `#/cases/<id>/<step>`. */
export function CasePage({ id }: { id: string }) {
  const { value: found, problem, again } = useAsked((until) => readCase(id, until), [id]);
  if (found === null) return <Unread problem={problem} retry={again} />;
  const steps = STEPS.filter((one) => may(one.needs));
  const step = steps.find((one) => one.name === route.value.path[1]) ?? steps[0]!;
  return (
    <div class="case-page">
      {problem && <Stale problem={problem} />}
      <Head of={found} />
      <Warnings of={found} />
      <Tabs
        label={t("steps")}
        value={step.name}
        options={steps.map((one) => ({ value: one.name, label: t(one.label) }))}
        onChange={(name) => go(href("cases", undefined, id, name))}
      >
        <Shown step={step} of={found} again={again} />
      </Tabs>
    </div>
  );
}

function Head({ of }: { of: Case }) {
  return (
    <header class="case-page-head">
      <a class="muted small" href={href("cases")}>
        {t("cases.list")}
      </a>
      <h1>{of.title}</h1>
      <span class="muted">{of.number}</span>
      <span class="tag">{of.offence === "other" && of.offence_text ? of.offence_text : word("offence", of.offence)}</span>
      <span class={of.state === "open" ? "tag tag-ok" : "tag"}>{word("caseState", of.state)}</span>
      <span class="grow" />
      <span class="muted small">
        {of.responsible && `${t("case.by", { name: of.responsible.display_name || of.responsible.name })} · `}
        {of.closed_at ? t("case.closedAt", { at: minute(of.closed_at) }) : t("case.until", { at: minute(of.expires_at) })}
      </span>
    </header>
  );
}

/** A step, or why it is not shown: what cameras saw is looked at under the case alone. */
function Shown({ step, of, again }: { step: Step; of: Case; again: () => void }) {
  if (step.looks && of.state !== "open") return <Notice tone="warn" title={t(of.state === "closed" ? "problem.case_closed" : "problem.case_expired")} />;
  if (step.looks && !of.member) return <Notice tone="warn" title={t("problem.case_not_member")} />;
  if (step.looks && !looksUnder(of)) return <Enter of={of} />;
  return <Lazy key={step.name} load={step.load} props={{ of, again }} />;
}

function Enter({ of }: { of: Case }) {
  const [busy, setBusy] = useState(false);
  async function enter(): Promise<void> {
    setBusy(true);
    try {
      await lookUnder(of);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }
  return (
    <section class="panel case-enter">
      <p>{t("step.needs")}</p>
      <button type="button" class="primary" disabled={busy} onClick={() => void enter()}>
        {t("step.enter", { number: of.number })}
      </button>
    </section>
  );
}
