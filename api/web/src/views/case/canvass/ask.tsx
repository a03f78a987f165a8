import { useState } from "preact/hooks";
import { askForClip, type Entry, type ClipLink, type Way, WAYS } from "../../../api/canvass";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { minute, parseLocal } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { FormEnd } from "../../../ui/formend";

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 7;
const USUAL_DAYS = 7;

interface Props {
  of: Case;
  one: Entry;
  most: number;
  onClose: () => void;
  done: (link: ClipLink) => void;
}

/** The case's own times, or its last day where they are more than one request takes. */
function usual(of: Case): { from: string; to: string } {
  const to = of.ends_at ? Math.min(Date.parse(of.ends_at), Date.now()) : Date.now();
  const from = of.starts_at ? Date.parse(of.starts_at) : to - DAY_MS;
  return { from: minute(to - from > LONGEST_DAYS * DAY_MS ? to - DAY_MS : from), to: minute(to) };
}

/** Which span somebody is asked for, and how the request reaches him. */
export function Ask({ of, one, most, onClose, done }: Props) {
  const [draft, setDraft] = useState({ ...usual(of), way: "link" as Way, days: String(Math.min(USUAL_DAYS, most)), document_number: "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const from = parseLocal(draft.from);
  const to = parseLocal(draft.to);
  const days = Number(draft.days);
  const backwards = from !== null && to !== null && to <= from;
  const long = from !== null && to !== null && to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS;
  const whole = from !== null && to !== null && !backwards && !long && Number.isInteger(days) && days >= 1 && days <= most;

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    if (!whole || from === null || to === null) return;
    setBusy(true);
    setProblem(null);
    try {
      done(
        await askForClip(of.id, one.id, {
          from: from.toISOString(),
          to: to.toISOString(),
          way: draft.way,
          days,
          document_number: draft.document_number.trim(),
        }),
      );
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("canvass.ask.of", { name: one.name })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void make(event)}>
        <p class="muted">{t(one.asks === "clip" ? "canvass.ask.agreed" : "canvass.ask.free")}</p>
        <Field label={t("canvass.from")}>
          {(wired) => <input {...wired} autofocus required value={draft.from} onInput={(event) => set({ from: event.currentTarget.value })} />}
        </Field>
        <Field label={t("canvass.to")} hint={t("canvass.span.hint", { n: LONGEST_DAYS })} error={backwards ? t("canvass.span.backwards") : long ? t("canvass.span.long") : null}>
          {(wired) => <input {...wired} required value={draft.to} onInput={(event) => set({ to: event.currentTarget.value })} />}
        </Field>
        <Field label={t("canvass.way")}>
          {(wired) => (
            <select {...wired} value={draft.way} onChange={(event) => set({ way: event.currentTarget.value as Way })}>
              {WAYS.map((way) => (
                <option key={way} value={way}>
                  {t(`canvass.way.${way}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("canvass.holds")} hint={t("canvass.holds.hint", { n: most })}>
          {(wired) => <input {...wired} inputMode="numeric" maxLength={2} value={draft.days} onInput={(event) => set({ days: event.currentTarget.value })} />}
        </Field>
        <Field label={t("canvass.document")} hint={t("canvass.document.hint")} optional={t("optional")}>
          {(wired) => <input {...wired} maxLength={64} value={draft.document_number} onInput={(event) => set({ document_number: event.currentTarget.value })} />}
        </Field>
        <FormEnd problem={problem} send={t("canvass.ask.do")} disabled={!whole || busy} cancel={onClose} />
      </form>
    </Dialog>
  );
}
