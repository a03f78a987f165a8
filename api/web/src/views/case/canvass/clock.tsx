import { useState } from "preact/hooks";
import { CLOCK_METHODS, type ClockMethod, type Opened, readClock, type Upload } from "../../../api/canvass";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { parseLocal, stamp } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";

const SECOND_MS = 1000;

/** What the camera's clock showed beside a true one, and what it showed at the first frame. */
export function Clock({ of, opened, like, kept }: { of: Pick<Case, "id">; opened: Opened; like?: Upload | undefined; kept: () => void }) {
  const one = opened.upload;
  // A recorder that exports ten minutes at a time has one clock: it is compared once.
  const same = one.clock_method === null ? like : undefined;
  const [draft, setDraft] = useState({
    method: one.clock_method ?? same?.clock_method ?? ((opened.clock_photo ? "photo" : "unknown") as ClockMethod),
    camera: same ? stamp(Date.parse(one.from) + (same.clock_offset_ms ?? 0)) : "",
    real: same ? stamp(one.from) : "",
    sure: String((one.clock_uncertainty_ms ?? same?.clock_uncertainty_ms ?? 2 * SECOND_MS) / SECOND_MS),
    shown: one.shown_at ? stamp(one.shown_at) : "",
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const read = draft.method !== "unknown";
  const camera = parseLocal(draft.camera);
  const real = parseLocal(draft.real);
  const shown = parseLocal(draft.shown);
  const sure = draft.sure.trim() === "" ? NaN : Number(draft.sure);
  const whole = (!read || (camera !== null && real !== null && sure >= 0)) && (draft.shown.trim() === "" || shown !== null);

  async function keep(event: Event): Promise<void> {
    event.preventDefault();
    if (!whole) return;
    setBusy(true);
    setProblem(null);
    try {
      await readClock(of.id, one.id, {
        method: draft.method,
        camera_time: read && camera ? camera.toISOString() : null,
        true_time: read && real ? real.toISOString() : null,
        uncertainty_s: read ? sure : null,
        shown_at: shown?.toISOString() ?? null,
      });
      kept();
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }

  return (
    <form class="admin-form upload-clock" onSubmit={(event) => void keep(event)}>
      <h3>{t("clock.title")}</h3>
      <p role="status">
        {one.clock_method === null
          ? t("clock.unread")
          : one.clock_offset_ms === null
            ? t("clock.unknown")
            : t(one.clock_offset_ms >= 0 ? "clock.ahead" : "clock.behind", {
                n: Math.abs(one.clock_offset_ms) / SECOND_MS,
                sure: (one.clock_uncertainty_ms ?? 0) / SECOND_MS,
                by: one.clock_by ?? "",
              })}
        {one.begins_at && ` ${t("clock.begins", { at: stamp(one.begins_at) })}`}
      </p>
      {same && <p class="hint">{t("clock.same", { name: same.given_name })}</p>}
      {one.camera_id !== null && <p class="muted small">{t("clock.registered")}</p>}
      {opened.clock_photo && (
        <a href={opened.clock_photo} target="_blank" rel="noreferrer">
          <img class="upload-photo" src={opened.clock_photo} alt={t("clock.photo")} />
        </a>
      )}
      <Field label={t("clock.method")}>
        {(wired) => (
          <select {...wired} value={draft.method} onChange={(event) => set({ method: event.currentTarget.value as ClockMethod })}>
            {CLOCK_METHODS.map((method) => (
              <option key={method} value={method}>
                {t(`clock.method.${method}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {read && (
        <div class="case-columns">
          <Field label={t("clock.camera")}>
            {(wired) => <input {...wired} placeholder={stamp(one.from)} value={draft.camera} onInput={(event) => set({ camera: event.currentTarget.value })} />}
          </Field>
          <Field label={t("clock.real")}>
            {(wired) => <input {...wired} placeholder={stamp(one.from)} value={draft.real} onInput={(event) => set({ real: event.currentTarget.value })} />}
          </Field>
          <Field label={t("clock.sure")}>
            {(wired) => <input {...wired} inputMode="decimal" maxLength={8} value={draft.sure} onInput={(event) => set({ sure: event.currentTarget.value })} />}
          </Field>
        </div>
      )}
      <Field label={t("clock.shown")} hint={t("clock.shown.hint")} optional={t("optional")}>
        {(wired) => <input {...wired} placeholder={stamp(one.from)} value={draft.shown} onInput={(event) => set({ shown: event.currentTarget.value })} />}
      </Field>
      <Wrong problem={problem} />
      <div class="row">
        <button type="submit" disabled={busy || !whole}>
          {t("clock.keep")}
        </button>
      </div>
    </form>
  );
}
