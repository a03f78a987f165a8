import { useState } from "preact/hooks";
import { createUser, type Unit } from "../../api/admin";
import type { Problem } from "../../api/client";
import type { Role } from "../../api/types";
import { t } from "../../i18n";
import { useDraft } from "../../store/drafts";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Once, random } from "./password";
import { asBody, type UserDraft, UserFields } from "./userfields";
import { GrantPick } from "./grants";

interface Draft extends UserDraft {
  name: string;
  grants: string[];
  units: string[];
}

const START: Draft = {
  name: "",
  display_name: "",
  unit: "",
  role: "assistant" satisfies Role,
  station: "",
  team: "",
  trained: "",
  pledged: "",
  grants: [],
  units: [],
};

/** Adds a user. The password is made here, shown once, and for the user to change. */
export function NewUserForm({ units, onClose, done }: { units: readonly Unit[]; onClose: () => void; done: () => void }) {
  const [draft, change, restart] = useDraft<Draft>("people/new", () => START);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [password, setPassword] = useState("");
  const wrongName = draft.name.trim() !== "" && !/^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$/.test(draft.name.trim());

  async function submit(): Promise<void> {
    setBusy(true);
    setFailed(null);
    const made = random();
    try {
      const { name, grants, units: granted, ...rest } = draft;
      await createUser({ ...asBody(rest), name: name.trim(), password: made, grants, units: granted });
      setPassword(made);
      done();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }

  function away(): void {
    restart(START);
    onClose();
  }

  return (
    <Dialog label={t("admin.user.add")} once={password !== ""} onClose={away}>
      {password ? (
        <Once name={draft.name} password={password} onClose={away} />
      ) : (
        <form
          class="admin-form"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field label={t("user.name")} hint={t("user.name.hint")} error={wrongName ? t("user.name.wrong") : null}>
            {(wired) => (
              <input
                {...wired}
                autocomplete="off"
                value={draft.name}
                onInput={(event) => change({ name: event.currentTarget.value })}
              />
            )}
          </Field>
          <UserFields draft={draft} units={units} change={change} />
          <GrantPick
            grants={draft.grants}
            onChange={(grants) => change({ grants })}
            all={units}
            units={draft.units}
            onUnits={(granted) => change({ units: granted })}
          />
          <FormEnd problem={failed} send={t("admin.user.create")} disabled={busy || draft.name.trim() === "" || wrongName} cancel={away} />
        </form>
      )}
    </Dialog>
  );
}
