import { useState } from "preact/hooks";
import { openPurpose } from "../../../api/client";
import type { Incident } from "../../../api/incidents";
import { problemText, t } from "../../../i18n";
import { look, may, settle } from "../../../store/session";
import { PurposePanel } from "../../purpose";

/** Before the picture: why one looks. Whoever may patrol looks for this incident at one press. */
export function Gate({ incident }: { incident: Incident }) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [other, setOther] = useState(!may("open_patrol"));

  async function open(): Promise<void> {
    setBusy(true);
    try {
      await look(await openPurpose({ kind: "patrol", reason: t("incident.look.reason", { title: incident.title }) }));
    } catch (err) {
      setProblem(problemText(settle(err)));
      setBusy(false);
    }
  }

  return (
    <div class="panel incident-gate">
      <h2>{t("incident.picture.needs")}</h2>
      {other ? (
        <PurposePanel done={() => undefined} />
      ) : (
        <div class="row">
          <button type="button" class="primary" disabled={busy} onClick={() => void open()}>
            {t("incident.look")}
          </button>
          <button type="button" onClick={() => setOther(true)}>
            {t("incident.look.other")}
          </button>
        </div>
      )}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
