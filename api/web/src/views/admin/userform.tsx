import { useState } from "preact/hooks";
import { changeUser, setGrants, type Unit } from "../../api/admin";
import type { Problem } from "../../api/client";
import type { User } from "../../api/types";
import { t } from "../../i18n";
import { useDraft } from "../../store/drafts";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { FormEnd } from "../../ui/formend";
import { toast } from "../../ui/toast";
import { GrantPick } from "./grants";
import { asBody, drafted, type UserDraft, UserFields } from "./userfields";

interface Draft extends UserDraft {
  active: boolean;
  grants: string[];
  units: string[];
}

const start = (user: User): Draft => ({ ...drafted(user), active: user.active, grants: user.grants, units: user.units });

/** Changes a user. Another role or an end of his account signs him out everywhere. */
interface Props {
  user: User;
  units: readonly Unit[];
  onClose: () => void;
  done: () => void;
}

export function UserForm({ user, units, onClose, done }: Props) {
  const [draft, change, restart] = useDraft<Draft>(`people/${user.id}`, () => start(user));
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(): Promise<void> {
    setBusy(true);
    setFailed(null);
    const { grants, units: granted, active, ...rest } = draft;
    // Only what changed: a role that is sent anew ends the user's sessions, a day that stands is not moved within it.
    const before: Record<string, unknown> = { ...asBody(drafted(user)), active: user.active };
    const changed = Object.fromEntries(Object.entries({ ...asBody(rest), active }).filter(([name, value]) => value !== before[name]));
    try {
      if (Object.keys(changed).length > 0) await changeUser(user.id, changed);
      if (grants.join() !== user.grants.join() || granted.join() !== user.units.join()) await setGrants(user.id, grants, granted);
      toast(t("admin.saved"), { tone: "ok" });
      away();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
    done();
  }

  function away(): void {
    restart(start(user));
    onClose();
  }

  return (
    <Dialog label={t("admin.user.change", { name: user.name })} onClose={away}>
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <UserFields draft={draft} units={units} change={change} />
        <label class="check">
          <input type="checkbox" checked={draft.active} onChange={(event) => change({ active: event.currentTarget.checked })} />
          <span>{t("user.active")}</span>
        </label>
        {(draft.role !== user.role || (user.active && !draft.active)) && <p class="hint small">{t("user.signsOut")}</p>}
        <GrantPick
          grants={draft.grants}
          onChange={(grants) => change({ grants })}
          all={units}
          units={draft.units}
          onUnits={(granted) => change({ units: granted })}
        />
        <FormEnd problem={failed} send={t("admin.save")} disabled={busy} cancel={away} />
      </form>
    </Dialog>
  );
}
