import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { listTokens, revokeToken, type Token } from "../../api/upkeep";
import { problemText, t } from "../../i18n";
import { minute } from "../../i18n/time";
import { settle } from "../../store/session";
import { Failed } from "../../ui/notice";
import { toast } from "../../ui/toast";
import { changed } from "./changes";

/** Tokens of one's programs: which there are, until when, and an end to each. */
export function Tokens() {
  const [list, setList] = useState<Token[] | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setFailed(null);
    listTokens(stop.signal).then(setList, (err: unknown) => !stop.signal.aborted && setFailed(settle(err)));
    return () => stop.abort();
  }, [round, changed.value]);
  async function revoke(one: Token): Promise<void> {
    try {
      await revokeToken(one.id);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setRound((was) => was + 1);
  }
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>{t("me.tokens")}</h2>
      </div>
      {failed ? (
        <Failed problem={failed} retry={() => setRound(round + 1)} />
      ) : list ? (
        <ul class="me-list">
          {list.length === 0 && <li class="muted">{t("me.tokens.none")}</li>}
          {list.map((one) => {
            const over = one.revoked_at !== null || Date.parse(one.expires_at) <= Date.now();
            return (
              <li key={one.id}>
                <span>
                  <span class="me-agent">{one.name}</span>
                  <span class="muted small time">
                    {one.revoked_at ? t("me.tokens.revoked") : over ? t("me.tokens.over") : t("me.tokens.until", { at: minute(one.expires_at) })}
                  </span>
                </span>
                {!over && (
                  <button type="button" class="danger" onClick={() => void revoke(one)}>
                    {t("me.tokens.revoke")}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      ) : (
        <div class="bone bone-row" />
      )}
    </div>
  );
}
