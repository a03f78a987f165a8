import type { ViewingRequest } from "../../api/requests";
import { DICTIONARIES, type Key, t } from "../../i18n";
import { minute } from "../../i18n/time";
import { session } from "../../store/session";
import { Dialog } from "../../ui/dialog";

/** What is handed over is in Chinese, whatever language the page is in: `letter.*` are words of one language only. */
const said = (key: Key, params: Record<string, string> = {}): string =>
  Object.entries(params).reduce((text, [name, value]) => text.replace(`{${name}}`, value), DICTIONARIES.zh[key]);

const day = (at: string): string => {
  const [year, month, date] = minute(at).slice(0, 10).split("-");
  return `${year}年${Number(month)}月${Number(date)}日`;
};

interface Props {
  one: ViewingRequest;
  kind: "receipt" | "answer";
  onClose: () => void;
}

/** The receipt or the letter of a request, as it is printed: the page around it is left out on paper. */
export function Letter({ one, kind, onClose }: Props) {
  const unit = session.value?.user.unit || said("letter.unit");
  const span = `${minute(one.from)} 至 ${minute(one.to)}`;
  const about = [one.village_name, ...one.cameras.map((camera) => camera.name)].filter(Boolean).join("、");
  const shown = one.decision === "granted" || one.decision === "partly";
  return (
    <Dialog label={t(kind === "receipt" ? "request.print.receipt" : "request.print.answer")} onClose={onClose} wide>
      <article class="letter" lang="zh-CN">
        <h1>{said(kind === "receipt" ? "letter.receipt" : "letter.answer")}</h1>
        <p class="letter-number">{said("letter.number", { n: one.number })}</p>
        <p>{said("letter.dear", { name: one.asker })}</p>
        <p>
          {said("letter.asked", {
            at: day(one.received_at),
            relation: DICTIONARIES.zh[`relation.${one.relation}`],
            document: `${DICTIONARIES.zh[`idKind.${one.id_kind}`]}（尾号 ${one.id_last4}）`,
            about,
            span,
            grounds: one.grounds,
          })}
        </p>
        {kind === "receipt" ? (
          <>
            <p>{said("letter.due", { at: day(one.due_at) })}</p>
            {one.held_until && <p>{said("letter.held")}</p>}
          </>
        ) : (
          <>
            <p>
              {said("letter.decided", { at: day(one.decided_at ?? one.received_at) })}
              <strong>{DICTIONARIES.zh[`requestDecision.${one.decision ?? "granted"}`]}</strong>。
            </p>
            {one.refusal && <p>{said("letter.why", { why: DICTIONARIES.zh[`refusal.${one.refusal}`] })}</p>}
            {one.decision_text && <p>{one.decision_text}</p>}
            {shown && <p>{said("letter.come")}</p>}
            {one.decision !== "granted" && <p>{said("letter.remedy")}</p>}
          </>
        )}
        <p class="letter-foot">{unit}</p>
        <p class="letter-foot">{day(kind === "receipt" ? one.received_at : (one.decided_at ?? one.received_at))}</p>
        <p class="letter-sign">{said(kind === "receipt" ? "letter.sign.receipt" : "letter.sign.answer")}</p>
      </article>
      <div class="row no-print">
        <button type="button" class="primary" onClick={() => window.print()}>
          {t("request.print")}
        </button>
        <button type="button" onClick={onClose}>
          {t("close")}
        </button>
      </div>
    </Dialog>
  );
}
