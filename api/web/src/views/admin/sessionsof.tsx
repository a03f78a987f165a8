import { endSessionsOf, sessionsOf } from "../../api/admin";
import type { User } from "../../api/types";
import { t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { Dialog } from "../../ui/dialog";
import { Unread } from "../../ui/notice";
import { agentName } from "../me/sessions";

/** Where somebody is signed in; each sign-in, or all, can be ended from here. */
export function SessionsOf({ user, onClose }: { user: User; onClose: () => void }) {
  const { value: list, problem, again, act } = useAsked((until) => sessionsOf(user.id, until));
  const end = (session?: string) =>
    act(async () => {
      await endSessionsOf(user.id, session);
      return t("user.sessions.ended");
    });
  return (
    <Dialog label={t("user.sessions.of", { name: user.name })} onClose={onClose}>
      {list === null && <Unread problem={problem} retry={again} />}
      {list?.length === 0 && <p class="muted">{t("user.sessions.none")}</p>}
      {list !== null && list.length > 0 && (
        <div class="admin-form">
          <ul class="holds">
            {list.map((one) => (
              <li key={one.id} class="row">
                <span class="grow">
                  {agentName(one.agent)}
                  <br />
                  <span class="muted small time">
                    {one.address} · {t("me.sessions.since", { at: stamp(one.opened_at) })}
                  </span>
                </span>
                <button type="button" onClick={() => void end(one.id)}>
                  {t("me.sessions.end")}
                </button>
              </li>
            ))}
          </ul>
          <div class="row">
            <button type="button" class="danger" onClick={() => void end()}>
              {t("user.sessions.endAll")}
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
