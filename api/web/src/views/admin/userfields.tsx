import { type Role, ROLES } from "../../api/types";
import { t, word } from "../../i18n";
import { Field } from "../../ui/field";

export interface UserDraft {
  display_name: string;
  unit: string;
  role: Role;
}

/** What a user is called, where he belongs, and what he may do. */
export function UserFields({ draft, change }: { draft: UserDraft; change: (part: Partial<UserDraft>) => void }) {
  return (
    <div class="fields">
      <Field label={t("user.displayName")}>
        {(wired) => (
          <input
            {...wired}
            maxLength={64}
            value={draft.display_name}
            onInput={(event) => change({ display_name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("user.unit")}>
        {(wired) => (
          <input {...wired} maxLength={64} value={draft.unit} onInput={(event) => change({ unit: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("user.role")} hint={word("roleMeans", draft.role)}>
        {(wired) => (
          <select
            {...wired}
            value={draft.role}
            onChange={(event) => change({ role: ROLES.find((one) => one === event.currentTarget.value) ?? draft.role })}
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {word("role", one)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

