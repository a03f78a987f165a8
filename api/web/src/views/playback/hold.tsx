import { useState } from "preact/hooks";
import { listCases, type Problem } from "../../api/client";
import { createHold } from "../../api/recordings";
import { span, t } from "../../i18n";
import { minute, parseLocal, stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { purpose, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Icon } from "../../ui/icon";
import { Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";
import type { Played } from "./tile";

interface Props {
  cameras: readonly Played[];
  from: number;
  to: number;
  done: () => void;
}

const DAY_MS = 86_400_000;
const HALF_YEAR_MS = 182 * DAY_MS;
const LONGEST_REASON = 200;

/** Keeps what is marked from being deleted, for a case. */
export function HoldButton(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="hold" /> {t("hold.make")}
      </button>
      {open && <HoldDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function HoldDialog({ cameras, from, to, done, onClose }: Props & { onClose: () => void }) {
  const { value: cases, problem: unread, again } = useAsked(() => listCases());
  const open = cases?.filter((one) => one.state === "open") ?? [];
  const [chosen, setChosen] = useState(purpose.value?.case_id ?? "");
  const [until, setUntil] = useState(minute(Date.now() + HALF_YEAR_MS).slice(0, 10));
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const day = parseLocal(until);
  const possible = chosen !== "" && reason.trim() !== "" && day !== null && day.getTime() > Date.now();

  async function hold(event: Event): Promise<void> {
    event.preventDefault();
    if (!possible) return;
    setProblem(null);
    setBusy(true);
    try {
      await createHold(chosen, {
        camera_ids: cameras.map((one) => one.id),
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        expires_at: new Date(day.getTime() + DAY_MS).toISOString(), // through the day that is named
        reason: reason.trim(),
      });
      toast(t("hold.done"), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("hold.make")} onClose={onClose}>
      {cases === null ? (
        <Unread problem={unread} retry={again} />
      ) : (
        <form class="admin-form" onSubmit={(event) => void hold(event)}>
          <p>{t("hold.means")}</p>
          <p class="muted small">
            {cameras.map((one) => one.name).join("、")} · {stamp(from)} – {stamp(to)} ({span(to - from)})
          </p>
          <Field label={t("hold.case")}>
            {(wired) => (
              <select {...wired} value={chosen} required onChange={(event) => setChosen(event.currentTarget.value)}>
                <option value="">{t("choose")}</option>
                {open.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.number} {one.title}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("hold.until")}>
            {(wired) => <input {...wired} type="date" value={until} min={minute(Date.now() + DAY_MS).slice(0, 10)} required onInput={(event) => setUntil(event.currentTarget.value)} />}
          </Field>
          <Field label={t("hold.reason")}>
            {(wired) => <input {...wired} value={reason} maxLength={LONGEST_REASON} required onInput={(event) => setReason(event.currentTarget.value)} />}
          </Field>
          <FormEnd problem={problem} send={t("hold.make")} disabled={busy || !possible} cancel={onClose} />
        </form>
      )}
    </Dialog>
  );
}
