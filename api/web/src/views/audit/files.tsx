import { useState } from "preact/hooks";
import { type AuditForm, auditFile } from "../../api/audit";
import { type Key, problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { settle } from "../../store/session";
import { language } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";

const FORMS: readonly [AuditForm, Key][] = [
  ["csv", "audit.csv"],
  ["jsonl", "audit.jsonl"],
];

/** The rows of a query as a file to take along. */
export function Files({ query }: { query: URLSearchParams }) {
  const [busy, setBusy] = useState(false);
  async function take(form: AuditForm): Promise<void> {
    setBusy(true);
    try {
      const asked = new URLSearchParams(query);
      asked.set("format", form);
      asked.set("language", language.peek());
      save(await auditFile(asked), `audit-${stamp(Date.now()).replace(/[^0-9]/g, "")}.${form}`);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }
  return (
    <div class="row">
      {FORMS.map(([form, label]) => (
        <button key={form} type="button" disabled={busy} onClick={() => void take(form)}>
          <Icon name="export" /> {t(label)}
        </button>
      ))}
    </div>
  );
}
