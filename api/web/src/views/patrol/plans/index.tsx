import { useState } from "preact/hooks";
import { listPlans, type PatrolPlan, removePlan } from "../../../api/patrols";
import { t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { go, href } from "../../../store/route";
import { may } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { Menu } from "../../../ui/popover";
import { Toolbar } from "../../../ui/toolbar";
import { percent } from "../rate";
import { PlanForm } from "./form";
import { timesText } from "./times";

/** Plans: which cameras are gone through by whom and when; made and changed by those who may. */
export function Plans({ id }: { id: string | null }) {
  const { value: plans, problem, again, act } = useAsked((until) => listPlans(false, until));
  const [removing, setRemoving] = useState<PatrolPlan | null>(null);
  if (plans === null) return <Unread problem={problem} retry={again} />;
  const plan = plans.find((one) => one.id === id);
  if (may("manage_patrols") && (id === "new" || plan))
    return (
      <PlanForm
        key={id}
        plan={plan ?? null}
        reread={again}
        done={() => {
          again();
          go(href("patrol", undefined, "plans"));
        }}
      />
    );
  return (
    <>
      {problem && <Stale problem={problem} />}
      <Toolbar label={t("patrol.part.plans")}>
        <span class="muted">{t("plans.hint")}</span>
        <span class="grow" />
        {may("manage_patrols") && (
          <a class="button primary" href={href("patrol", undefined, "plans", "new")}>
            {t("plan.new")}
          </a>
        )}
      </Toolbar>
      {plans.length === 0 && (
        <Notice title={t("plans.none")}>{t(may("manage_patrols") ? "plans.none.make" : "plans.none.ask")}</Notice>
      )}
      <ul class="plan-list">
        {plans.map((one) => (
          <Line key={one.id} plan={one} remove={() => setRemoving(one)} />
        ))}
      </ul>
      {removing && (
        <Dialog label={t("plan.remove.title", { name: removing.name })} onClose={() => setRemoving(null)}>
          <p>{t("plan.remove.means")}</p>
          <div class="row plan-remove">
            <button
              type="button"
              class="danger"
              onClick={() => {
                setRemoving(null);
                void act(() => removePlan(removing.id));
              }}
            >
              {t("plan.remove")}
            </button>
            <button type="button" onClick={() => setRemoving(null)}>
              {t("cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Line({ plan, remove }: { plan: PatrolPlan; remove: () => void }) {
  return (
    <li class="panel plan-line">
      <div class="plan-head">
        <b>{plan.name}</b>
        {plan.due && <span class="tag tag-wait">{t("plan.due")}</span>}
        <span class="grow" />
        {may("manage_patrols") && (
          <>
            <a class="button small-button" href={href("patrol", undefined, "plans", plan.id)}>
              {t("plan.change")}
            </a>
            <Menu label={t("plan.more", { name: plan.name })} items={[{ label: t("plan.remove"), danger: true, run: remove }]} />
          </>
        )}
      </div>
      <p>
        {t("plan.cameras", { n: plan.cameras, s: plan.dwell_s })} · {timesText(plan.times)}
      </p>
      <p class="muted small">
        {plan.people.length === 0 ? t("plan.everybody") : plan.people.map((one) => one.display_name || one.name).join(t("list.comma"))} ·{" "}
        {t("plan.today", { rate: percent(plan.rate) })}
      </p>
    </li>
  );
}
