import { useEffect, useState } from "preact/hooks";
import {
  casePeople,
  type Certainty,
  CERTAINTIES,
  type Item,
  ITEMS,
  type Manner,
  MANNERS,
  type NewReport,
  type Reach,
  reachOf,
  reportCase,
} from "../../../api/cases";
import type { Problem } from "../../../api/client";
import { lasting, problemText, t, word } from "../../../i18n";
import { minute, parseLocal } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { lookUnder } from "../../../store/casepurpose";
import { useDraft } from "../../../store/drafts";
import { go, href } from "../../../store/route";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import type { LonLat } from "../../../ui/map";
import { nameOf } from "../../../ui/placepick";
import { Segments } from "../../../ui/tabs";
import { toast } from "../../../ui/toast";
import { Where } from "./where";
import { fieldError, whyNot } from "./wrong";
import "../../../styles/admin.css";
import "../../../styles/cases.css";
import "../../../styles/casepage.css";

const DAY_MS = 86_400_000;
const PATIENCE_MS = 300;

interface Draft {
  item: Item | null;
  last: string;
  found: string;
  certainty: Certainty | null;
  manner: Manner | null;
  item_text: string;
  note: string;
  number: string;
  title: string;
  responsible: string;
  point: LonLat | null;
}

const drafted = (): Draft => ({
  item: null,
  last: `${minute(Date.now() - DAY_MS).slice(0, 10)} 20:00`,
  found: minute(Date.now()),
  certainty: null,
  manner: null,
  item_text: "",
  note: "",
  number: "",
  title: "",
  responsible: "",
  point: null,
});

/** A report on one page: six things to say; the case, its number, its places and the hold follow from them. */
export function Wizard() {
  const [draft, change, restart] = useDraft("report", drafted);
  const { point } = draft;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<Draft>): void => {
    change(part);
    setProblem(null);
  };
  const [last, found] = [parseLocal(draft.last), parseLocal(draft.found)];
  const inOrder = last !== null && found !== null && last < found;
  const { item, certainty, manner } = draft;
  const ready = point !== null && inOrder && item !== null && certainty !== null && manner !== null;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!ready || !last || !found) return;
    setBusy(true);
    const optional = { item_text: draft.item_text, note: draft.note, number: draft.number, title: draft.title, responsible_id: draft.responsible };
    const told = Object.fromEntries(Object.entries(optional).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ""));
    const made: NewReport = {
      item,
      where: { lat: point[1], lon: point[0] },
      last_seen_at: last.toISOString(),
      found_at: found.toISOString(),
      certainty,
      manner,
      ...told,
    };
    try {
      const kept = await reportCase(made);
      // Who took the report goes on to look. Where that is refused, the next step says why, and asks again.
      if (kept.case.member) await lookUnder(kept.case).catch(() => undefined);
      toast(t("report.made", { number: kept.case.number, n: kept.held }), { tone: "ok" });
      restart(drafted());
      go(href("cases", undefined, kept.case.id, "report"));
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="wizard" onSubmit={(event) => void submit(event)}>
      <header class="case-page-head">
        <a class="muted small" href={href("cases")}>
          {t("cases.list")}
        </a>
        <h1>{t("report.take")}</h1>
      </header>
      <div class="wizard-columns">
        <div class="admin-form">
          <fieldset class="wizard-items">
            <legend>{t("report.item")}</legend>
            {ITEMS.map((one) => (
              <label key={one} class="wizard-item">
                <input type="radio" name="item" required checked={item === one} onChange={() => set({ item: one })} />
                <span>{word("item", one)}</span>
              </label>
            ))}
          </fieldset>
          {item === "other" && (
            <Field label={t("report.item.text")}>
              {(wired) => <input {...wired} maxLength={64} value={draft.item_text} onInput={(event) => set({ item_text: event.currentTarget.value })} />}
            </Field>
          )}
          <div class="case-times">
            <Field label={t("report.last")} error={draft.last !== "" && last === null ? t("case.wrong.time") : null}>
              {(wired) => <input {...wired} required value={draft.last} onInput={(event) => set({ last: event.currentTarget.value })} />}
            </Field>
            <Field
              label={t("report.found")}
              error={found === null ? t("case.wrong.time") : last !== null && !inOrder ? t("report.order") : fieldError(problem, "found_at")}
            >
              {(wired) => <input {...wired} required value={draft.found} onInput={(event) => set({ found: event.currentTarget.value })} />}
            </Field>
          </div>
          <div class="field">
            <span class="label">{t("report.certainty")}</span>
            <Segments
              label={t("report.certainty")}
              value={certainty ?? ("" as Certainty)}
              options={CERTAINTIES.map((one) => ({ value: one, label: word("certainty", one) }))}
              onChange={(value) => set({ certainty: value })}
            />
          </div>
          <div class="field">
            <span class="label">{t("report.manner")}</span>
            <Segments
              label={t("report.manner")}
              value={manner ?? ("" as Manner)}
              options={MANNERS.map((one) => ({ value: one, label: word("manner", one) }))}
              onChange={(value) => set({ manner: value })}
            />
          </div>
          <More draft={draft} set={set} problem={problem} />
        </div>
        <Where point={point} setPoint={(at) => set({ point: at })} />
      </div>
      <Preview point={point} last={inOrder ? last : null} found={inOrder ? found : null} />
      {problem && (
        <p class="error" role="alert">
          {whyNot(problem)}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={busy || !ready}>
          {t("report.send")}
        </button>
        {!ready && <span class="muted small">{t("report.missing", { what: missing(draft, point, inOrder).join(t("list.and")) })}</span>}
      </div>
    </form>
  );
}

/** What is still to be said, in the order of the page. */
const missing = (draft: Draft, point: LonLat | null, inOrder: boolean): string[] =>
  [
    draft.item === null && t("report.item"),
    point === null && t("report.where"),
    !inOrder && t("report.times"),
    draft.certainty === null && t("report.certainty"),
    draft.manner === null && t("report.manner"),
  ].filter((one): one is string => one !== false);

/** What the report would hold, and how soon the first of it would go. */
function Preview({ point, last, found }: { point: LonLat | null; last: Date | null; found: Date | null }) {
  const [reach, setReach] = useState<Reach | null>(null);
  const [trouble, setTrouble] = useState<Problem | null>(null);
  const [from, to] = [last?.toISOString(), found?.toISOString()];
  useEffect(() => {
    setReach(null);
    setTrouble(null);
    if (!point || !from || !to) return;
    const stop = new AbortController();
    const wait = setTimeout(() => {
      reachOf({ lat: point[1], lon: point[0] }, from, to, stop.signal).then(setReach, (err: unknown) => {
        if (!stop.signal.aborted) setTrouble(settle(err));
      });
    }, PATIENCE_MS);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [point, from, to]);
  if (trouble) return <p class="hint">{problemText(trouble)}</p>;
  if (reach === null) return null;
  return (
    <div class="panel hint wizard-reach" role="status">
      {reach.places.length === 0 ? (
        <p>{t("report.nowhere")}</p>
      ) : (
        <>
          <p>
            {t("report.reach", { villages: reach.places.map(nameOf).join(t("list.and")), n: reach.cameras })}
          </p>
          <p>
            <strong>{goesText(reach.first_goes_at)}</strong>
          </p>
        </>
      )}
    </div>
  );
}

const goesText = (at: string | null): string => (at === null ? t("report.noFootage") : t("report.goes", { left: lasting(new Date(at).getTime() - Date.now()) }));

/** All that has a sensible value anyhow. */
function More({ draft, set, problem }: { draft: Draft; set: (change: Partial<Draft>) => void; problem: Problem | null }) {
  const people = useAsked(casePeople).value ?? [];
  return (
    <details class="wizard-more">
      <summary>{t("report.more")}</summary>
      <div class="admin-form">
        <Field label={t("case.number")} hint={t("report.number.hint")} error={fieldError(problem, "number")}>
          {(wired) => <input {...wired} maxLength={64} value={draft.number} onInput={(event) => set({ number: event.currentTarget.value })} />}
        </Field>
        <Field label={t("case.title")} error={fieldError(problem, "title")}>
          {(wired) => <input {...wired} maxLength={200} value={draft.title} onInput={(event) => set({ title: event.currentTarget.value })} />}
        </Field>
        <Field label={t("case.responsible")} hint={t("report.responsible.hint")} error={fieldError(problem, "responsible_id")}>
          {(wired) => (
            <select {...wired} value={draft.responsible} onChange={(event) => set({ responsible: event.currentTarget.value })}>
              <option value="">{t("report.responsible.usual")}</option>
              {people.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.display_name || one.name} {one.unit && `· ${one.unit}`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("report.note")}>
          {(wired) => <input {...wired} maxLength={200} value={draft.note} onInput={(event) => set({ note: event.currentTarget.value })} />}
        </Field>
      </div>
    </details>
  );
}
