import { t } from "../../../i18n";
import { Field } from "../../../ui/field";

const MOST_DAYS = 365;

/** What somebody said; empty where he did not. */
export interface SaidDraft {
  has_camera: "" | "yes" | "no";
  kept_days: string;
  note: string;
}

/** Days as typed: null for unknown, undefined for what is no number of days. */
export function daysOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const days = /^\d{1,3}$/.test(text.trim()) ? Number(text) : NaN;
  return days <= MOST_DAYS ? days : undefined;
}

export function Said({ said, onSaid }: { said: SaidDraft; onSaid: (said: SaidDraft) => void }) {
  return (
    <>
      <Field label={t("canvass.has")}>
        {(wired) => (
          <select {...wired} value={said.has_camera} onChange={(event) => onSaid({ ...said, has_camera: event.currentTarget.value as SaidDraft["has_camera"] })}>
            <option value="">{t("canvass.camera.unknown")}</option>
            <option value="yes">{t("canvass.camera.yes")}</option>
            <option value="no">{t("canvass.camera.no")}</option>
          </select>
        )}
      </Field>
      <Field label={t("canvass.days")} hint={t("canvass.days.hint")} optional={t("optional")} error={daysOf(said.kept_days) === undefined ? t("canvass.days.wrong") : null}>
        {(wired) => <input {...wired} inputMode="numeric" maxLength={3} value={said.kept_days} onInput={(event) => onSaid({ ...said, kept_days: event.currentTarget.value })} />}
      </Field>
      <Field label={t("canvass.note")} optional={t("optional")}>
        {(wired) => <input {...wired} maxLength={200} value={said.note} onInput={(event) => onSaid({ ...said, note: event.currentTarget.value })} />}
      </Field>
    </>
  );
}
