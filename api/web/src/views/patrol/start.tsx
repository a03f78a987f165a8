import { useState } from "preact/hooks";
import { listPatrols, listPlans, type PatrolPlan, patrolName, startPatrol } from "../../api/patrols";
import type { Problem } from "../../api/client";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { go, href } from "../../store/route";
import { may, resume, settle } from "../../store/session";
import { Wrong } from "../../ui/formend";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Free } from "./free";
import { timesText } from "./plans/times";
import { percent } from "./rate";

/** Where a shift begins: a patrol still running, a plan that is due, any other of one's own, or cameras of one's choice. */
export function Start() {
  const { value: plans, problem, again } = useAsked((until) => listPlans(true, until));
  const { value: running } = useAsked((until) => listPatrols(new URLSearchParams({ mine: "true", open: "true" }), until));
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function start(what: Parameters<typeof startPatrol>[0]): Promise<void> {
    setBusy(true);
    setRefused(null);
    try {
      const patrol = await startPatrol(what);
      await resume();
      go(href("patrol", undefined, patrol.id));
    } catch (err) {
      setRefused(settle(err));
      setBusy(false);
    }
  }

  if (plans === null) return <Unread problem={problem} retry={again} />;
  const order = [...plans.filter((one) => one.due), ...plans.filter((one) => !one.due)];
  return (
    <section class="patrol-start">
      {problem && <Stale problem={problem} />}
      <Wrong problem={refused} />
      {(running?.patrols ?? []).map((one) => (
        <a key={one.id} class="panel plan-card plan-running" href={href("patrol", undefined, one.id)}>
          <span>
            <b>{t("patrol.goOn", { name: patrolName(one) })}</b>
            <span class="muted small">
              {t("patrol.since", { at: minute(one.started_at) })} · {t("patrol.done", { n: one.done, of: one.due })} {percent(one.rate)}
            </span>
          </span>
          <span class="button primary">{t("patrol.goOn.do")}</span>
        </a>
      ))}
      {plans.length === 0 && (
        <Notice title={t("plans.none.mine")}>{t(may("manage_patrols") ? "plans.none.make" : "plans.none.ask")}</Notice>
      )}
      <ul class="plan-cards">
        {order.map((one) => (
          <Card key={one.id} plan={one} busy={busy} start={() => void start({ plan_id: one.id })} />
        ))}
      </ul>
      <Free busy={busy} start={(what) => void start(what)} />
    </section>
  );
}

function Card({ plan, busy, start }: { plan: PatrolPlan; busy: boolean; start: () => void }) {
  const minutes = Math.max(1, Math.round((plan.camera_ids.length * plan.dwell_s) / 60));
  return (
    <li class={plan.due ? "panel plan-card plan-due" : "panel plan-card"}>
      <span>
        <b>{plan.name}</b> {plan.due && <span class="tag tag-wait">{t("plan.due")}</span>}
        <span class="muted small">
          {t("plan.size", { n: plan.camera_ids.length, s: plan.dwell_s, min: minutes })} · {timesText(plan.times)} ·{" "}
          {t("plan.today", { rate: percent(plan.rate) })}
        </span>
      </span>
      <button type="button" class={plan.due ? "primary" : ""} disabled={busy || plan.camera_ids.length === 0} onClick={start}>
        {t("patrol.start")}
      </button>
    </li>
  );
}
