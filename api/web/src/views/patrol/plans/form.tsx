import { useState } from "preact/hooks";
import { changePlan, createPlan, listPatrollers, type NewPatrolPlan, type PatrolPlan, personName } from "../../../api/patrols";
import type { Problem } from "../../../api/client";
import { problemText, t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { useDraft } from "../../../store/drafts";
import { href } from "../../../store/route";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";
import { Icon } from "../../../ui/icon";
import { toast } from "../../../ui/toast";
import { Pick } from "../pick";
import { timesOf, timesText, weekOf } from "./times";
import { WeekGrid } from "./week";

const DWELLS = [20, 30, 40, 50, 60] as const;

interface Draft extends NewPatrolPlan {
  /** The revision it was begun on. */
  revision: number;
}

const draftOf = (plan: PatrolPlan | null): Draft =>
  plan
    ? { name: plan.name, dwell_s: plan.dwell_s, camera_ids: plan.camera_ids, user_ids: plan.user_ids, times: plan.times, revision: plan.revision }
    : { name: "", dwell_s: 30, camera_ids: [], user_ids: [], times: [], revision: 0 };

/** A plan to make or change. What is filled in stays in the tab until it is saved. */
export function PlanForm({ plan, reread, done }: { plan: PatrolPlan | null; reread: () => void; done: () => void }) {
  const [draft, change, restart] = useDraft<Draft>(`plan/${plan?.id ?? "new"}`, () => draftOf(plan));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const hidden = plan !== null && plan.cameras > plan.camera_ids.length;

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const { revision, ...body } = draft;
    try {
      await (plan ? changePlan(plan.id, revision, body) : createPlan(body));
      toast(t("admin.saved"), { tone: "ok" });
      restart(draftOf(plan));
      done();
    } catch (err) {
      const found = settle(err);
      setProblem(found);
      if (found.status === 409) reread();
      setBusy(false);
    }
  }

  return (
    <form class="plan-form" onSubmit={(event) => void save(event)}>
      <a class="back" href={href("patrol", undefined, "plans")}>
        <Icon name="left" /> {t("patrol.part.plans")}
      </a>
      <h1>{plan ? t("plan.change.title", { name: plan.name }) : t("plan.new")}</h1>
      {hidden && <p class="hint">{t("plan.hidden")}</p>}
      <div class="fields">
        <Field label={t("plan.name")}>
          {(wired) => (
            <input {...wired} required maxLength={64} autofocus={plan === null} value={draft.name} onInput={(event) => change({ name: event.currentTarget.value })} />
          )}
        </Field>
        <Field label={t("plan.dwell")} {...(draft.camera_ids.length > 0 ? { hint: t("plan.dwell.hint", { min: Math.ceil((draft.camera_ids.length * draft.dwell_s) / 60) }) } : {})}>
          {(wired) => (
            <select {...wired} value={draft.dwell_s} onChange={(event) => change({ dwell_s: Number(event.currentTarget.value) })}>
              {[...new Set([...DWELLS, draft.dwell_s])].sort((a, b) => a - b).map((one) => (
                <option key={one} value={one}>
                  {t("span.s", { n: one })}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Pick chosen={draft.camera_ids} change={(camera_ids) => change({ camera_ids })} />
      <Times draft={draft} change={change} />
      <People chosen={draft.user_ids} change={(user_ids) => change({ user_ids })} />
      <Wrong problem={problem} />
      <div class="row">
        <button type="submit" class="primary" disabled={busy || hidden || draft.camera_ids.length === 0 || draft.name.trim() === ""}>
          {t("plan.save")}
        </button>
        {problem?.status === 409 && plan && (
          <button type="button" onClick={() => change({ revision: plan.revision })}>
            {t("plan.over")}
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            restart(draftOf(plan));
            done();
          }}
        >
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

interface PartProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

/** The week as a grid; times set elsewhere that do not keep to whole hours stay as they are until they are drawn anew. */
function Times({ draft, change }: PartProps) {
  const week = weekOf(draft.times);
  if (week !== null)
    return (
      <div>
        <WeekGrid week={week} change={(next) => change({ times: timesOf(next) })} />
        <p class="muted small">{timesText(draft.times)}</p>
      </div>
    );
  return (
    <div class="row">
      <span>{timesText(draft.times)}</span>
      <button type="button" class="small-button" onClick={() => change({ times: [] })}>
        {t("plan.times.clear")}
      </button>
    </div>
  );
}

function People({ chosen, change }: { chosen: readonly string[]; change: (ids: string[]) => void }) {
  const { value: people, problem } = useAsked((until) => listPatrollers(until));
  return (
    <fieldset class="plan-people">
      <legend>{t("plan.people")}</legend>
      <p class="field-hint">{t("plan.people.hint")}</p>
      {problem && <p class="error">{problemText(problem)}</p>}
      <div class="chips">
        {(people ?? []).map((one) => (
          <button
            key={one.id}
            type="button"
            class="chip"
            aria-pressed={chosen.includes(one.id)}
            onClick={() => change(chosen.includes(one.id) ? chosen.filter((id) => id !== one.id) : [...chosen, one.id])}
          >
            {personName(one)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
