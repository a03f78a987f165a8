import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { problemText, t } from "../../i18n";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Menu } from "../../ui/popover";
import { toast } from "../../ui/toast";

/** What may be done with a row of places or units: change it, or take it away. */
export const ChangeOrRemove = ({ name, change, remove }: { name: string; change: () => void; remove: () => void }) => (
  <Menu
    label={t("admin.actionsFor", { name })}
    items={[
      { label: t("admin.change"), run: change },
      { label: t("admin.remove"), danger: true, run: remove },
    ]}
  />
);

interface Props {
  name: string;
  /** Which ones can be removed at all. */
  means: string;
  remove: () => Promise<void>;
  /** What stands in the way, in words; empty where the problem says all. */
  inTheWay: (problem: Problem) => string;
  onClose: () => void;
}

/** Removing is asked for once more; what stands in the way is named. */
export function Removal({ name, means, remove, inTheWay, onClose }: Props) {
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function away(): Promise<void> {
    setFailed(null);
    setBusy(true);
    try {
      await remove();
      toast(t("admin.removed", { name }), { tone: "ok" });
      onClose();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("admin.remove.title", { name })} onClose={onClose}>
      <div class="admin-form">
        <p>{means}</p>
        {failed && (
          <p class="error" role="alert">
            {problemText(failed)} {inTheWay(failed)}
          </p>
        )}
        <div class="row">
          <button type="button" class="danger" disabled={busy} onClick={() => void away()}>
            {t("admin.remove")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
