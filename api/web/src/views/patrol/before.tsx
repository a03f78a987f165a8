import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useDraft } from "../../store/drafts";
import type { Shift } from "../../store/patrol";

/** What the last shift left for this one; the first camera's time begins once it is read. */
export function Before({ shift }: { shift: Shift }) {
  const { id, handover_before: before } = shift.patrol;
  const [kept, change] = useDraft(`patrol/${id}/before`, () => ({ read: false }));
  const shown = before !== null && !kept.read;
  useEffect(() => (shown ? shift.hold("unread") : shift.release("unread")), [shown]);
  if (!shown) return null;
  return (
    <section class="panel watch-before" aria-label={t("patrol.before")}>
      <h2>{t("patrol.before")}</h2>
      <p>{before.note}</p>
      <p class="muted small">{t("patrol.before.by", { by: before.by, at: minute(before.at) })}</p>
      <button type="button" class="primary" autofocus onClick={() => change({ read: true })}>
        {t("patrol.before.read")}
      </button>
    </section>
  );
}
