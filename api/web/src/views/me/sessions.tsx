import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { endOthers, endSession, listSessions, type SignedIn } from "../../api/upkeep";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { settle, signOut } from "../../store/session";
import { Failed } from "../../ui/notice";
import { toast } from "../../ui/toast";
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
  const [list, setList] = useState<SignedIn[] | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setFailed(null);
    listSessions(stop.signal).then(setList, (err: unknown) => !stop.signal.aborted && setFailed(settle(err)));
    return () => stop.abort();
  }, [round, changed.value]);

  async function run(what: () => Promise<string>): Promise<void> {
    try {
      toast(await what(), { tone: "ok" });
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setRound((was) => was + 1);
  }
  const end = (one: SignedIn): void => {
    if (one.current) void signOut().catch(settle);
    else
      void run(async () => {
        await endSession(one.id);
        return t("me.sessions.ended");
      });
  };
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>{t("me.sessions")}</h2>
        {list && list.length > 1 && (
          <button type="button" onClick={() => void run(async () => t("me.sessions.othersEnded", { n: await endOthers() }))}>
            {t("me.sessions.others")}
          </button>
        )}
      </div>
      {failed ? (
        <Failed problem={failed} retry={() => setRound(round + 1)} />
      ) : list ? (
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
        <div class="bone bone-row" />
      )}
    </div>
  );
}
