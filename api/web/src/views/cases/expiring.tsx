import { useState } from "preact/hooks";
import { type Expiring, listExpiring } from "../../api/placement";
import { createHold } from "../../api/recordings";
import { problemText, t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { may, settle } from "../../store/session";
import { toast } from "../../ui/toast";

const HELD_MS = 90 * 86_400_000;
/** What one hold takes; the rest is told of again. */
const AT_ONCE = 200;

/** Open cases whose footage goes soon, each with one button that holds it. */
export function ExpiringCases() {
  const { value: cases, again } = useAsked(listExpiring);
  if (cases === null || cases.length === 0) return null;
  return (
    <div class="panel hint" role="status">
      <h2>{t("expiring.title")}</h2>
      <ul class="dashes">
        {cases.map((one) => (
          <Line key={one.case_id} one={one} done={again} />
        ))}
      </ul>
    </div>
  );
}

function Line({ one, done }: { one: Expiring; done: () => void }) {
  const [busy, setBusy] = useState(false);
  async function hold(): Promise<void> {
    setBusy(true);
    try {
      await createHold(one.case_id, {
        camera_ids: one.cameras.slice(0, AT_ONCE).map((each) => each.camera_id),
        from: one.since,
        to: one.until,
        expires_at: new Date(Date.now() + HELD_MS).toISOString(),
        reason: t("expiring.reason"),
      });
      toast(t("expiring.held"), { tone: "ok" });
      done();
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }
  return (
    <li class="row">
      <span title={one.cameras.map((each) => each.name).join("\n")}>
        {t("expiring.case", { number: one.case_number, n: one.cameras.length, at: minute(one.goes_at) })}
      </span>
      {may("manage_cases") && (
        <button type="button" class="small-button primary" disabled={busy} onClick={() => void hold()}>
          {t("expiring.hold")}
        </button>
      )}
    </li>
  );
}
