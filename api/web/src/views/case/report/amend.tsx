import { useState } from "preact/hooks";
import { amendReport, type Certainty, CERTAINTIES, type Item, ITEMS, type Manner, MANNERS, type Report, type Told } from "../../../api/cases";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t, word } from "../../../i18n";
import { minute, parseLocal } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import type { LonLat } from "../../../ui/map";
import { Segments } from "../../../ui/tabs";
import { toast } from "../../../ui/toast";
import { Where } from "../wizard/where";
import { fieldError, whyNot } from "../wizard/wrong";

interface Draft {
  item: Item;
  item_text: string;
  last: string;
  found: string;
  certainty: Certainty;
  manner: Manner;
  note: string;
}

/** A time that was not touched stays as exact as it was told. */
const instant = (typed: string, was: string): Date | null => (typed === minute(was) ? new Date(was) : parseLocal(typed));

/** What is learned later, told in the place of what was; of two who do it at once the second is told. */
export function Amend({ of, told, onClose, done }: { of: Case; told: Report; onClose: () => void; done: () => void }) {
  const [revision] = useState(of.revision);
  const [draft, setDraft] = useState<Draft>(() => ({ ...told, last: minute(told.last_seen_at), found: minute(told.found_at) }));
  const [point, setPoint] = useState<LonLat | null>([told.lon, told.lat]);
  const [moving, setMoving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<Draft>): void => {
    setDraft({ ...draft, ...change });
    setProblem(null);
  };
  const [last, found] = [instant(draft.last, told.last_seen_at), instant(draft.found, told.found_at)];
  const inOrder = last !== null && found !== null && last < found;

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (!last || !found || !point) return;
    setBusy(true);
    const made: Told = {
      item: draft.item,
      item_text: draft.item === "other" ? draft.item_text.trim() : told.item === draft.item ? told.item_text : "",
      where: { lat: point[1], lon: point[0] },
      last_seen_at: last.toISOString(),
      found_at: found.toISOString(),
      certainty: draft.certainty,
      manner: draft.manner,
      note: draft.note.trim(),
    };
    try {
      const kept = await amendReport(of.id, revision, made);
      toast(t("report.amended", { n: kept.held }), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      setBusy(false);
      if (problem.code === "case_stale") done(); // opened again, it is of the case as it is now
    }
  }

  return (
    <Dialog label={t("report.amend.of", { number: of.number })} onClose={onClose} wide>
      <form class="admin-form" onSubmit={(event) => void save(event)}>
        <p class="hint">{t("report.amend.means")}</p>
        <Field label={t("report.item")}>
          {(wired) => (
            <select {...wired} value={draft.item} onChange={(event) => set({ item: event.currentTarget.value as Item })}>
              {ITEMS.map((one) => (
                <option key={one} value={one}>
                  {word("item", one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {draft.item === "other" && (
          <Field label={t("report.item.text")}>
            {(wired) => <input {...wired} maxLength={64} value={draft.item_text} onInput={(event) => set({ item_text: event.currentTarget.value })} />}
          </Field>
        )}
        <div class="case-times">
          <Field label={t("report.last")} error={last === null ? t("case.wrong.time") : fieldError(problem, "starts_at")}>
            {(wired) => <input {...wired} required value={draft.last} onInput={(event) => set({ last: event.currentTarget.value })} />}
          </Field>
          <Field
            label={t("report.found")}
            error={found === null ? t("case.wrong.time") : last !== null && !inOrder ? t("report.order") : fieldError(problem, "found_at")}
          >
            {(wired) => <input {...wired} required value={draft.found} onInput={(event) => set({ found: event.currentTarget.value })} />}
          </Field>
        </div>
        <Segments
          label={t("report.certainty")}
          value={draft.certainty}
          options={CERTAINTIES.map((one) => ({ value: one, label: word("certainty", one) }))}
          onChange={(value) => set({ certainty: value })}
        />
        <Segments
          label={t("report.manner")}
          value={draft.manner}
          options={MANNERS.map((one) => ({ value: one, label: word("manner", one) }))}
          onChange={(value) => set({ manner: value })}
        />
        <Field label={t("report.note")}>
          {(wired) => <input {...wired} maxLength={200} value={draft.note} onInput={(event) => set({ note: event.currentTarget.value })} />}
        </Field>
        {moving ? (
          <Where point={point} setPoint={setPoint} />
        ) : (
          <button type="button" onClick={() => setMoving(true)}>
            {t("report.amend.place")}
          </button>
        )}
        {problem && (
          <p class="error" role="alert">
            {whyNot(problem)}
          </p>
        )}
        <div class="row">
          <button type="submit" class="primary" disabled={busy || !inOrder || point === null}>
            {t("report.amend.save")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
