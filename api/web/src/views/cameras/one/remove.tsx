import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { removeCamera } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { t } from "../../../i18n";
import { refresh } from "../../../store/cameras";
import { go, href } from "../../../store/route";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Wrong } from "../../../ui/formend";
import { toast } from "../../../ui/toast";

/** Nothing brings it back, so its name is typed. */
export function RemoveDialog({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function remove(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await removeCamera(camera.id);
      toast(t("remove.done", { name: camera.name }), { tone: "ok" });
      await refresh();
      go(href("cameras"));
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t("one.remove")} onClose={onClose}>
      <form class="subform" onSubmit={(event) => void remove(event)}>
        <p>{t("remove.means")}</p>
        <label class="field">
          <span>
            {t("remove.type")} <strong>{camera.name}</strong>
          </span>
          <input autofocus dir="auto" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <Wrong problem={problem} />
        <div class="row">
          <button type="submit" class="danger" disabled={busy || typed.trim() !== camera.name}>
            {t("one.remove")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
