import { useEffect, useState } from "preact/hooks";
import { listRoles, type Rights } from "../../api/admin";
import type { Problem } from "../../api/client";
import { t, word } from "../../i18n";
import { settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Failed } from "../../ui/notice";

/** What each role may do: to read, not to change. */
export function Roles() {
  const [roles, setRoles] = useState<Rights[] | null>(null);
  const [trouble, setTrouble] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setTrouble(null);
    listRoles(stop.signal).then(setRoles, (err: unknown) => !stop.signal.aborted && setTrouble(settle(err)));
    return () => stop.abort();
  }, [round]);
  if (trouble) return <Failed problem={trouble} retry={() => setRound(round + 1)} />;
  if (roles === null) return <div class="bone bone-row" role="status" aria-label={t("loading")} />;
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
