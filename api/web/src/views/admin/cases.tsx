import { useState } from "preact/hooks";
import { closeCase } from "../../api/admin";
import { listCases, type Problem } from "../../api/client";
import type { Case } from "../../api/types";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Notice, Stale, Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";
import { ExpiringCases } from "./expiring";
import { Holds } from "./holds";

/** Cases, the open ones first; a closed one is looked under no more. */
export function Cases() {
  const { value: cases, problem, again } = useAsked(() => listCases());
  const [closing, setClosing] = useState<Case | null>(null);
  const [holding, setHolding] = useState<Case | null>(null);

  if (cases === null) return <Unread problem={problem} retry={again} />;
  if (cases.length === 0) return <Notice title={t("admin.cases.none")}>{t("admin.cases.none.how")}</Notice>;
  const shown = [...cases.filter((one) => !one.closed_at), ...cases.filter((one) => one.closed_at)];
  return (
    <section aria-label={t("admin.cases")}>
      <ExpiringCases />
      {problem && <Stale problem={problem} />}
      <div class="table admin-table cases">
        <table>
          <thead>
            <tr>
              <th>{t("case.number")}</th>
              <th>{t("case.title")}</th>
              <th class="wide">{t("admin.case.village")}</th>
              <th class="wide">{t("admin.case.opened")}</th>
              <th>{t("admin.case.state")}</th>
              <th aria-label={t("admin.actions")} />
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.id} class={one.closed_at ? "inactive" : ""}>
                <td class="name">{one.number}</td>
                <td class="name">{one.title}</td>
                <td class="wide">{one.village_code && (places.value.get(one.village_code)?.name ?? one.village_code)}</td>
                <td class="time wide">
                  {stamp(one.opened_at)} <span class="muted">{one.opened_by}</span>
                </td>
                <td class="time">{one.closed_at ? t("admin.case.closedAt", { at: stamp(one.closed_at) }) : <span class="tag tag-ok">{t("admin.case.open")}</span>}</td>
                <td>
                  <button type="button" class="small-button" onClick={() => setHolding(one)}>
                    {t("hold.list")}
                  </button>{" "}
                  {!one.closed_at && (
                    <button type="button" class="small-button" onClick={() => setClosing(one)}>
                      {t("admin.case.close")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {holding && <Holds of={holding} onClose={() => setHolding(null)} />}
      {closing && <Close one={closing} onClose={() => setClosing(null)} done={again} />}
    </section>
  );
}

function Close({ one, onClose, done }: { one: Case; onClose: () => void; done: () => void }) {
  const [failed, setFailed] = useState<Problem | null>(null);
  async function close(): Promise<void> {
    setFailed(null);
    try {
      await closeCase(one.id);
      toast(t("admin.case.done", { number: one.number }), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      setFailed(settle(err));
    }
  }
  return (
    <Dialog label={t("admin.case.closing", { number: one.number })} onClose={onClose}>
      <div class="admin-form">
        <p>{t("admin.case.means")}</p>
        {failed && (
          <p class="error" role="alert">
            {problemText(failed)}
          </p>
        )}
        <div class="row">
          <button type="button" class="danger" onClick={() => void close()}>
            {t("admin.case.close")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
