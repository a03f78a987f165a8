import { useState } from "preact/hooks";
import { listPurges, type Purge } from "../../api/placement";
import { problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { settle } from "../../store/session";
import { Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";

const PAGE = 100;
const MB = 1_000_000;

/** What was deleted, when, how much and why, with the number of its row in the register. */
export function Purges() {
  const { value, problem, again } = useAsked((until) => listPurges(null, until));
  const [older, setOlder] = useState<Purge[]>([]);
  const [ended, setEnded] = useState(false);
  const all = [...(value ?? []), ...older];
  async function more(): Promise<void> {
    try {
      const found = await listPurges(all[all.length - 1]?.audit_no ?? null);
      setOlder([...older, ...found]);
      setEnded(found.length < PAGE);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  return (
    <details class="panel">
      <summary>
        <strong>{t("purges.title")}</strong> <span class="muted small">{t("purges.means")}</span>
      </summary>
      {value === null ? (
        <Unread problem={problem} retry={again} />
      ) : all.length === 0 ? (
        <p class="muted">{t("purges.none")}</p>
      ) : (
        <div class="table">
          <table>
            <thead>
              <tr>
                {(["at", "what", "why"] as const).map((one) => (
                  <th key={one}>{t(`purges.${one}`)}</th>
                ))}
                <th class="number">{t("purges.count")}</th>
                <th class="number">{t("purges.size")}</th>
                <th class="number">{t("purges.proof")}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.audit_no}>
                  <td class="time">{minute(one.at)}</td>
                  <td>{word("purged", one.what)}</td>
                  <td>
                    {word("purgeCause", one.cause)}{" "}
                    {one.early > 0 && (
                      <span class="tag tag-bad">
                        {t("purges.early")} {one.early}
                      </span>
                    )}
                  </td>
                  <td class="number">{one.count}</td>
                  <td class="number">{one.bytes !== null && `${(one.bytes / MB).toFixed(1)} MB`}</td>
                  <td class="number muted">{one.audit_no}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {value.length === PAGE && !ended && (
            <button type="button" onClick={() => void more()}>
              {t("purges.more")}
            </button>
          )}
        </div>
      )}
    </details>
  );
}
