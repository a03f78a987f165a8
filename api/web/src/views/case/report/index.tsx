import { useState } from "preact/hooks";
import { changeCase, type Handover, readReport, type Reported } from "../../../api/cases";
import type { Problem } from "../../../api/client";
import type { Case, Person } from "../../../api/types";
import { lasting, problemText, t } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Stale } from "../../../ui/notice";
import { nameOf } from "../../../ui/placepick";
import { toast } from "../../../ui/toast";
import { HoldList } from "../../cases/holds";
import type { StepProps } from "../steps";
import { Amend } from "./amend";
import { HandOver } from "./handover";
import { Earlier, Told } from "./told";

const nameIn = (one: Person): string => one.display_name || one.name;

/** What was reported, what is kept of it from being overwritten, and who works on it. */
export function Report({ of, again }: StepProps) {
  const { value: told, problem } = useAsked((until) => readReport(of.id, until), [of.id, of.revision]);
  const [handing, setHanding] = useState(false);
  const [amending, setAmending] = useState(false);
  return (
    <div class="case-columns">
      <section class="panel" aria-label={t("report.facts")}>
        <h2>{t("report.facts")}</h2>
        {problem && <Stale problem={problem} />}
        {told?.reported?.provisional && of.editable && of.state !== "closed" && <OwnNumber of={of} done={again} />}
        <dl class="case-facts">
          {told?.reported && <Told told={told.reported} of={of} />}
          <dt>{t("case.places")}</dt>
          <dd>{of.places.length > 0 ? of.places.map(nameOf).join(t("list.and")) : t("case.places.any")}</dd>
          <dt>{t("case.window")}</dt>
          <dd class="time">{of.starts_at && of.ends_at ? `${minute(of.starts_at)} – ${minute(of.ends_at)}` : t("case.window.any")}</dd>
          <dt>{t("case.responsible")}</dt>
          <dd>{of.responsible ? nameIn(of.responsible) : t("case.nobody")}</dd>
          <dt>{t("case.members")}</dt>
          <dd>{of.members.map(nameIn).join(t("list.and"))}</dd>
        </dl>
        {told?.reported && <Earlier told={told.reported} of={of} />}
        <Handovers all={told?.handovers ?? []} />
        {of.editable && of.state !== "closed" && (
          <div class="row">
            {told?.reported && of.state === "open" && (
              <button type="button" onClick={() => setAmending(true)}>
                {t("report.amend")}
              </button>
            )}
            <button type="button" onClick={() => setHanding(true)}>
              {t("handover")}
            </button>
          </div>
        )}
      </section>
      <section class="panel" aria-label={t("hold.list")}>
        <h2>{t("hold.list")}</h2>
        {told?.reported && <Kept told={told.reported} />}
        <HoldList of={of} />
      </section>
      {handing && <HandOver of={of} onClose={() => setHanding(false)} done={again} />}
      {amending && told?.reported && <Amend of={of} told={told.reported.report} onClose={() => setAmending(false)} done={again} />}
    </div>
  );
}

/** How much is held, and how soon it would have gone. */
function Kept({ told: { held, first_goes_at } }: { told: Reported }) {
  const left = first_goes_at === null ? null : new Date(first_goes_at).getTime() - Date.now();
  return (
    <p class="hint" role="status">
      {t("report.held", { n: held })}{" "}
      {left === null ? t("report.noFootage") : left <= 0 ? t("report.goneElse") : t("report.goesElse", { left: lasting(left) })}
    </p>
  );
}

function OwnNumber({ of, done }: { of: Case; done: () => void }) {
  const [number, setNumber] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const kept = await changeCase(of.id, of.revision, { number: number.trim() });
      toast(t("case.saved", { number: kept.number }), { tone: "ok" });
      done();
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      setBusy(false);
      if (problem.code === "case_stale") done(); // said again, it is of the case as it is now
    }
  }
  return (
    <form class="row case-number" onSubmit={(event) => void save(event)}>
      <Field label={t("report.number.own")} error={problem && problemText(problem)}>
        {(wired) => <input {...wired} maxLength={64} value={number} onInput={(event) => setNumber(event.currentTarget.value)} />}
      </Field>
      <button type="submit" disabled={busy || number.trim() === ""}>
        {t("case.save")}
      </button>
    </form>
  );
}

function Handovers({ all }: { all: readonly Handover[] }) {
  if (all.length === 0) return null;
  return (
    <ul class="dashes" aria-label={t("handovers")}>
      {all.map((one) => (
        <li key={one.handed_at}>
          {t("handover.told", { from: one.before ? nameIn(one.before) : "–", to: nameIn(one.after), at: minute(one.handed_at) })}
          <span class="muted">{one.note}</span>
        </li>
      ))}
    </ul>
  );
}
