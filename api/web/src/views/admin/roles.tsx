import { listRoles } from "../../api/admin";
import { t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import { Icon } from "../../ui/icon";
import { Unread } from "../../ui/notice";

/** What each role may do: to read, not to change. */
export function Roles() {
  const { value: roles, problem, again } = useAsked(listRoles);
  if (roles === null) return <Unread problem={problem} retry={again} />;
  const all = [...new Set(roles.flatMap((one) => one.permissions))];
  return (
    <section aria-label={t("admin.roles")}>
      <p class="muted roles-note">{t("admin.roles.note")}</p>
      <div class="table admin-table">
        <table class="matrix">
          <thead>
            <tr>
              <th>{t("admin.right")}</th>
              {roles.map((one) => (
                <th key={one.role} scope="col">
                  {word("role", one.role)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map((right) => (
              <tr key={right}>
                <th scope="row">{word("permission", right)}</th>
                {roles.map((one) => (
                  <td key={one.role}>
                    {one.permissions.includes(right) ? (
                      <span role="img" aria-label={t("admin.yes")}>
                        <Icon name="check" />
                      </span>
                    ) : (
                      <span class="muted" role="img" aria-label={t("admin.no")}>
                        –
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
