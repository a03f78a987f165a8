import { type Finding, misuse, type Sign, type Sort } from "../../api/audit";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { type Asked, toQuery, written } from "../../store/audit";
import { csv } from "../../store/online";
import { useAsked } from "../../store/asked";
import { href } from "../../store/route";
import { Icon } from "../../ui/icon";
import { Failed, Notice, Unread } from "../../ui/notice";
import { save } from "../../ui/save";
import type { PartProps } from ".";

/** What an auditor should ask about. A finding is no verdict, and the page says so. */
export function Misuse({ what }: PartProps) {
  const query = toQuery(what, ["user"]);
  const { value, problem, again } = useAsked((until) => misuse(query, until), [query.toString()]);
  if (problem) return <Failed problem={problem} retry={again} />;
  if (value === null) return <Unread problem={null} retry={again} />;
  const hours = { from: value.policy.off_from_hour, to: value.policy.off_to_hour };
  return (
    <>
      <p class="muted">{t("audit.misuse.means", { n: value.rows, ...hours })}</p>
      {value.findings.length === 0 ? (
        <Notice title={t("audit.misuse.none")} icon="check" />
      ) : (
        <>
          <div class="audit-head">
            <span class="muted">{t("audit.n", { n: value.findings.length })}</span>
            <button type="button" onClick={() => download(value.findings, what)}>
              <Icon name="export" /> {t("audit.csv")}
            </button>
          </div>
          <ul class="audit-findings">
            {value.findings.map((one) => (
              <li key={`${one.sign} ${one.user} ${one.day} ${one.camera_id ?? ""}`} class="panel">
                <Told one={one} what={what} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** The report as a table that Excel opens in Chinese; the hub wrote down who asked for it. */
function download(findings: readonly Finding[], what: Asked): void {
  const head = ["audit.at", "audit.who", "audit.misuse", "audit.results", "audit.limit", "audit.camera", "audit.no"] as const;
  const rows = findings.map((one) => [
    stamp(one.day).slice(0, 10),
    one.user,
    word("sign", one.sign),
    one.count,
    one.limit,
    one.camera_name,
    one.rows.join(" "),
  ]);
  save(new Blob([csv([head.map((key) => t(key)), ...rows])], { type: "text/csv;charset=utf-8" }), `misuse-${what.from}-${what.to}.csv`);
}

/** The sort of look that a sign counts, where it is one. */
const OF_SORT: Partial<Record<Sign, Sort>> = { vain: "search", many_clips: "clip" };

function Told({ one, what }: PartProps & { one: Finding }) {
  const day = stamp(one.day).slice(0, 10);
  const rows = written(
    { ...what, user: one.user, camera: one.camera_id ?? "", sort: OF_SORT[one.sign] ?? "", case: "", vain: one.sign === "vain", from: day, to: day },
    Date.now(),
  );
  return (
    <>
      <p>
        <span class="tag tag-wait">{word("sign", one.sign)}</span> <b>{one.user}</b> <span class="muted">{one.unit}</span> <span class="time">{day}</span>
      </p>
      <p>
        {word("signMeans", one.sign, { n: one.count, limit: one.limit, camera: one.camera_name })}
      </p>
      <a class="button small-button" href={href("audit", rows)}>
        {t("audit.misuse.rows")}
      </a>
    </>
  );
}
