import { useState } from "preact/hooks";
import type { Approval, ExportAsk } from "../../../api/cases";
import { grouped, listExportAsks, listExports, MASTERS } from "../../../api/evidence";
import { t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { may, session } from "../../../store/session";
import { Notice, Stale, Unread } from "../../../ui/notice";
import "../../../styles/papers.css";
import { ExportFacts } from "../../cases/facts";
import type { StepProps } from "../steps";
import { AskExport } from "./ask";
import { Copies } from "./copies";
import { ExportCard } from "./export";
import { Maker } from "./make";

/** What is taken out of a case: asked for, granted by somebody else, made, fetched, handed over. */
export function Papers({ of }: StepProps) {
  const { value: made, problem, again } = useAsked((until) => listExports(of.id, until), [of.id]);
  const asked = useAsked(() => listExportAsks(of.id), [of.id]);
  const [asking, setAsking] = useState(false);
  const done = (): void => {
    again();
    asked.again();
  };
  if (made === null) return <Unread problem={problem} retry={again} />;
  return (
    <div class="papers">
      {problem && <Stale problem={problem} />}
      <section class="panel row">
        <span class="grow">
          <strong>{t("report.title")}</strong> <span class="muted small">{t("report.means")}</span>
        </span>
        <a class="button" href={`/api/v1/cases/${of.id}/paper`} target="_blank" rel="noopener">
          {t("report.read")}
        </a>
      </section>
      <section aria-label={t("export.asks")}>
        <div class="row">
          <h2 class="grow">{t("export.asks")}</h2>
          {may("export") && (
            <button type="button" class="primary desk-only" onClick={() => setAsking(true)}>
              {t("export.ask")}
            </button>
          )}
        </div>
        <p class="muted small phone-only">{t("export.readOnly")}</p>
        {asked.value?.length === 0 && <p class="muted">{t("export.asks.none")}</p>}
        <ul class="cards">
          {(asked.value ?? []).map((one) => (
            <li key={one.id} class={one.state === "asked" || one.state === "granted" ? "case-card" : "case-card case-over"}>
              <Ask one={one} done={done} again={made.exports.some((each) => each.approval_id === one.id)} />
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={t("export.list")}>
        <h2>{t("export.list")}</h2>
        {made.exports.length === 0 && <Notice title={t("export.none")}>{t("export.none.how")}</Notice>}
        <ul class="cards">
          {made.exports.map((one) => (
            <li key={one.id} class={one.purged_at === null ? "case-card" : "case-card case-over"}>
              <ExportCard one={one} done={again} />
            </li>
          ))}
        </ul>
      </section>
      <section class="panel papers-key">
        <h2>{t("export.fingerprint")}</h2>
        <code>{grouped(made.fingerprint)}</code>
        <p class="muted small">{t("export.fingerprint.how")}</p>
      </section>
      {asking && (
        <AskExport
          of={of}
          onClose={() => setAsking(false)}
          done={() => {
            setAsking(false);
            asked.again();
          }}
        />
      )}
    </div>
  );
}

function Ask({ one, done, again }: { one: Approval & { asked: ExportAsk }; done: () => void; again: boolean }) {
  const mine = one.requester === session.value?.user.name;
  return (
    <>
      <div class="case-head">
        <h3>{one.asked.document}</h3>
        <span class={{ granted: "tag tag-ok", asked: "tag tag-wait", refused: "tag tag-bad" }[one.state as string] ?? "tag"}>{word("approvalState", one.state)}</span>
        <span class="grow" />
        <span class="muted small">{t("approval.by", { name: one.requester_name || one.requester, unit: one.requester_unit, at: minute(one.asked_at) })}</span>
      </div>
      <dl class="case-facts">
        <ExportFacts asked={one.asked} />
        {one.decided_by && (
          <>
            <dt>{t("approval.decision")}</dt>
            <dd>
              {one.decision} <span class="muted small">{t("approval.decided", { name: one.decided_by, at: minute(one.decided_at ?? "") })}</span>
              {one.state === "granted" && one.ends_at && <span class="muted small"> · {t("case.until", { at: minute(one.ends_at) })}</span>}
            </dd>
          </>
        )}
      </dl>
      {mine && one.state === "granted" && may("export") && (MASTERS.includes(one.asked.recipient_kind) ? <Maker approval={one} done={done} again={again} /> : <Copies approval={one} done={done} again={again} />)}
    </>
  );
}
