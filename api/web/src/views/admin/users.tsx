import { useState } from "preact/hooks";
import { listUnits, listUsers, resetTwoFactors, type Unit, unlockUser } from "../../api/admin";
import type { User } from "../../api/types";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { session } from "../../store/session";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Menu } from "../../ui/popover";
import { Toolbar } from "../../ui/toolbar";
import { NewUserForm } from "./newuser";
import { PasswordDialog } from "./password";
import { SessionsOf } from "./sessionsof";
import { unitName } from "./userfields";
import { UserForm } from "./userform";

type Open = { what: "new" } | { what: "change" | "password" | "sessions"; user: User };

/** Who may sign in, as what, and for which villages. */
export function Users() {
  const { value: users, problem, again, act } = useAsked(listUsers);
  const { value: units } = useAsked(listUnits);
  const [text, setText] = useState("");
  const [open, setOpen] = useState<Open | null>(null);

  if (users === null || units === null) return <Unread problem={problem} retry={again} />;
  const wanted = text.trim().toLowerCase();
  const shown = users.filter((one) => `${one.name} ${one.display_name} ${one.unit}`.toLowerCase().includes(wanted));
  return (
    <section aria-label={t("admin.users")}>
      <Toolbar label={t("admin.users")}>
        <input
          type="search"
          class="admin-search"
          aria-label={t("admin.users.search")}
          placeholder={t("admin.users.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="muted">{t("admin.n", { n: shown.length })}</span>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setOpen({ what: "new" })}>
          {t("admin.user.add")}
        </button>
      </Toolbar>
      {problem && <Stale problem={problem} />}
      {shown.length === 0 && <Notice title={t("admin.users.none")} />}
      {shown.length > 0 && (
        <div class="table admin-table">
          <table>
            <thead>
              <tr>
                <th>{t("user.name")}</th>
                <th class="wide">{t("user.displayName")}</th>
                <th class="wide">{t("user.unit")}</th>
                <th>{t("user.role")}</th>
                <th>{t("user.grants")}</th>
                <th class="wide">{t("user.since")}</th>
                <th aria-label={t("admin.actions")} />
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.id} data-user={one.name} class={one.active ? "" : "inactive"}>
                  <td class="name">{one.name}</td>
                  <td class="name wide">{one.display_name}</td>
                  <td class="name wide">{one.unit}</td>
                  <td>
                    {word("role", one.role)} {!one.active && <span class="tag tag-bad">{t("user.inactive")}</span>}
                    {one.active && one.duties.filter((held) => held.soon).map((held) => (
                      <span key={held.duty} class={`tag ${held.holds ? "tag-wait" : "tag-bad"}`}>
                        {t(held.holds ? "user.duty.soon" : "user.duty.over", { what: word("duty", held.duty) })}
                      </span>
                    ))}
                    {one.locked_until && <span class="tag tag-bad">{t("user.locked", { at: stamp(one.locked_until).slice(11, 16) })}</span>}
                  </td>
                  <td class="name">
                    {seen(one, units) || <span class="tag tag-wait">{t("user.noGrants")}</span>}
                  </td>
                  <td class="time muted wide">{stamp(one.created_at).slice(0, 10)}</td>
                  <td>
                    <div class="row row-end">
                      {one.id === session.value?.user.id && <span class="tag">{t("user.self")}</span>}
                      <Menu
                        label={t("admin.actionsFor", { name: one.name })}
                        items={[
                          { label: t("admin.change"), run: () => setOpen({ what: "change", user: one }) },
                          { label: t("user.password.reset"), run: () => setOpen({ what: "password", user: one }) },
                          { label: t("user.sessions"), run: () => setOpen({ what: "sessions", user: one }) },
                          ...(one.locked_until ? [{ label: t("user.unlock"), run: () => void act(() => unlock(one)) }] : []),
                          ...(one.two_factors ? [{ label: t("two.reset"), danger: true, run: () => void act(() => reset(one)) }] : []),
                        ]}
                      />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open?.what === "new" && <NewUserForm units={units} onClose={() => setOpen(null)} done={again} />}
      {open?.what === "change" && <UserForm user={open.user} units={units} onClose={() => setOpen(null)} done={again} />}
      {open?.what === "sessions" && <SessionsOf user={open.user} onClose={() => setOpen(null)} />}
      {open?.what === "password" && <PasswordDialog user={open.user} onClose={() => setOpen(null)} />}
    </section>
  );
}

const seen = (user: User, units: readonly Unit[]): string =>
  [...user.grants.map(placeName), ...units.filter((one) => user.units.includes(one.id)).map((one) => unitName(one, units))].join("、");

async function unlock(user: User): Promise<string> {
  await unlockUser(user.id);
  return t("user.unlocked", { name: user.name });
}

async function reset(user: User): Promise<string> {
  await resetTwoFactors(user.id);
  return t("two.resetDone", { name: user.name });
}

const placeName = (code: string): string => places.value.get(code)?.name ?? code;
