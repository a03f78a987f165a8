import { useState } from "preact/hooks";
import { listTokens, revokeToken, type Token } from "../../api/upkeep";
import { t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { Unread } from "../../ui/notice";
import { changed } from "./changes";
import { NewTokenForm } from "./newtoken";

/** What a token carries, in words. */
const carried = ({ permissions, places: within }: Token): string =>
  [
    permissions === null ? t("token.whole") : permissions.map((one) => word("permission", one)).join("、") || t("token.nothing"),
    within === null ? "" : within.map((code) => places.value.get(code)?.name ?? code).join("、"),
  ]
    .filter(Boolean)
    .join(" · ");

/** Tokens of one's programs: which there are, until when, and an end to each. */
export function Tokens() {
  const { value: list, problem, again, act } = useAsked(listTokens, [changed.value]);
  const [making, setMaking] = useState(false);
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>{t("me.tokens")}</h2>
        {!making && (
          <button type="button" onClick={() => setMaking(true)}>
            {t("token.new")}
          </button>
        )}
      </div>
      {making && (
        <NewTokenForm
          onClose={() => {
            setMaking(false);
            again();
          }}
        />
      )}
      {list ? (
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
                  <span class="muted small">{carried(one)}</span>
                </span>
                {!over && (
                  <button type="button" class="danger" onClick={() => void act(() => revokeToken(one.id))}>
                    {t("me.tokens.revoke")}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      ) : (
        <Unread problem={problem} retry={again} />
      )}
    </div>
  );
}
