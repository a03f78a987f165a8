import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import type { User } from "../../api/types";
import { rename } from "../../api/upkeep";
import { problemText, t } from "../../i18n";
import { session, settle } from "../../store/session";
import { Field } from "../../ui/field";
import { toast } from "../../ui/toast";

/** The name others see. */
export function NameForm({ user }: { user: User }) {
  const [name, setName] = useState(user.display_name);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    try {
      const changed = await rename(name.trim());
      if (session.value) session.value = { ...session.value, user: changed };
      setName(changed.display_name);
      toast(t("me.saved"), { tone: "ok" });
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Field label={t("me.name")} hint={t("me.name.hint")} error={failed && problemText(failed)}>
        {(wired) => (
          <input {...wired} value={name} maxLength={64} autocomplete="name" onInput={(event) => setName(event.currentTarget.value)} />
        )}
      </Field>
      <div class="row">
        <button type="submit" class="primary" disabled={busy || name.trim() === user.display_name}>
          {t("me.save")}
        </button>
      </div>
    </form>
  );
}
