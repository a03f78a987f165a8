import { useState } from "preact/hooks";
import { setPassword } from "../../api/admin";
import type { Problem } from "../../api/client";
import type { User } from "../../api/types";
import { t } from "../../i18n";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Wrong } from "../../ui/formend";

/** No letters or digits that are taken for each other when read from paper. */
const SIGNS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH = 14;

/** A password nobody thought of: 14 of 55 signs, some 80 bits. */
export function random(): string {
  let made = "";
  // Numbers beyond the last whole multiple are thrown away, so that every sign is as likely.
  const most = 256 - (256 % SIGNS.length);
  while (made.length < LENGTH)
    for (const one of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      if (one < most && made.length < LENGTH) made += SIGNS[one % SIGNS.length];
    }
  return made;
}

/** A new password, shown this once. */
export function Once({ name, password, onClose }: { name: string; password: string; onClose: () => void }) {
  return (
    <div class="admin-form">
      <p>{t("user.password.once", { name })}</p>
      <output class="password">{password}</output>
      <div class="row">
        <button type="button" class="primary" onClick={onClose}>
          {t("user.password.noted")}
        </button>
      </div>
    </div>
  );
}

export function PasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setMade] = useState("");
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function reset(): Promise<void> {
    setBusy(true);
    setFailed(null);
    const made = random();
    try {
      await setPassword(user.id, made);
      setMade(made);
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }
  return (
    <Dialog label={t("user.password.title", { name: user.name })} once={password !== ""} onClose={onClose}>
      {password ? (
        <Once name={user.name} password={password} onClose={onClose} />
      ) : (
        <div class="admin-form">
          <p>{t("user.password.means")}</p>
          <Wrong problem={failed} />
          <div class="row">
            <button type="button" class="primary" disabled={busy} onClick={() => void reset()}>
              {t("user.password.reset")}
            </button>
            <button type="button" onClick={onClose}>
              {t("cancel")}
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
