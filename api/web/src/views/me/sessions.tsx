import { endOthers, endSession, listSessions, type SignedIn } from "../../api/upkeep";
import { t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { settle, signOut } from "../../store/session";
import { Unread } from "../../ui/notice";
import { changed } from "./changes";

/** What a browser calls itself, in the words people know: "Chrome 140 · Windows"; else as it is. */
export function agentName(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Version)\/(\d+)/.exec(agent.replace(/Chrome\/\d+(?=.*(Edg|OPR)\/)/, ""));
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", Version: "Safari" };
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent);
  if (!browser) return agent.slice(0, 60) || t("me.sessions.unknownAgent");
  return [`${names[browser[1]!] ?? browser[1]} ${browser[2]}`, system?.[1]].filter(Boolean).join(" · ");
}

/** Where one is signed in; each can be ended from here. */
export function Sessions() {
  const { value: list, problem, again, act } = useAsked(listSessions, [changed.value]);
  const end = (one: SignedIn): void => {
    if (one.current) void signOut().catch(settle);
    else
      void act(async () => {
        await endSession(one.id);
        return t("me.sessions.ended");
      });
  };
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>{t("me.sessions")}</h2>
        {list && list.length > 1 && (
          <button type="button" onClick={() => void act(async () => t("me.sessions.othersEnded", { n: await endOthers() }))}>
            {t("me.sessions.others")}
          </button>
        )}
      </div>
      {list ? (
        <ul class="me-list">
          {list.map((one) => (
            <li key={one.id}>
              <span>
                <span class="me-agent" title={one.agent}>
                  {agentName(one.agent)} {one.current && <b class="tag">{t("me.sessions.here")}</b>}
                </span>
                <span class="muted small time">
                  {one.address} · {t("me.sessions.since", { at: stamp(one.opened_at) })}
                </span>
              </span>
              <button type="button" onClick={() => end(one)}>
                {t("me.sessions.end")}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <Unread problem={problem} retry={again} />
      )}
    </div>
  );
}
