import { useEffect, useState } from "preact/hooks";
import { type Approval, askApproval, isUnmask, listApprovals, type UnmaskAsk } from "../../../api/cases";
import type { Problem } from "../../../api/client";
import type { Point, Scene } from "../../../api/register";
import { problemText, t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { Outlines } from "../../../ui/outlines";
import { toast } from "../../../ui/toast";

const HOURS_TO_SAVE = 72;
const LASTS = [1, 4, 24, 72, 744] as const;

interface Props {
  camera: { id: string; name: string };
  before: Scene;
  after: Scene;
  /** Save with what was approved. */
  save: (approvalId: string) => void;
  onClose: () => void;
}

const same = (one: readonly (readonly Point[])[], other: readonly (readonly Point[])[]): boolean => JSON.stringify(one) === JSON.stringify(other);

/** To hide less, a second person approves: he sees these outlines, never what is under them. */
export function Unmask({ camera, before, after, save, onClose }: Props) {
  const [known, setKnown] = useState<Approval | null | undefined>(undefined);
  const [reason, setReason] = useState("");
  const [lasts, setLasts] = useState<number | null>(24);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const fits = (one: Approval): boolean =>
      (one.state === "asked" || one.state === "granted") &&
      isUnmask(one.asked) &&
      one.asked.camera_id === camera.id &&
      same(one.asked.old_masks, before.masks) &&
      same(one.asked.masks, after.masks);
    listApprovals().then(
      ({ approvals }) => setKnown(approvals.find(fits) ?? null),
      (err) => {
        setProblem(settle(err));
        setKnown(null);
      },
    );
  }, []);

  async function request(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const asked: UnmaskAsk = {
      kind: "unmask",
      camera_id: camera.id,
      old_masks: before.masks,
      masks: after.masks,
      hours: HOURS_TO_SAVE,
      lasts_hours: lasts,
    };
    try {
      setKnown(await askApproval(asked, reason.trim()));
      toast(t("unmask.asked"), { tone: "ok" });
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }

  return (
    <Dialog label={t("unmask.title", { name: camera.name })} onClose={onClose}>
      <p>{t("unmask.means")}</p>
      <Outlines before={before.masks} after={after.masks} label={t("unmask.picture")} />
      {known === undefined ? (
        <div class="bone bone-row" role="status" aria-label={t("loading")} />
      ) : known === null ? (
        <form class="admin-form" onSubmit={(event) => void request(event)}>
          <Field label={t("unmask.lasts")} hint={t("unmask.lasts.hint")}>
            {(wired) => (
              <select {...wired} value={lasts ?? ""} onChange={(event) => setLasts(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}>
                {LASTS.map((hours) => (
                  <option key={hours} value={hours}>
                    {hours < 24 ? t("unmask.hours", { n: hours }) : t("unmask.days", { n: hours / 24 })}
                  </option>
                ))}
                <option value="">{t("unmask.forGood")}</option>
              </select>
            )}
          </Field>
          <Field label={t("unmask.reason")} error={problem && problemText(problem)}>
            {(wired) => <input {...wired} required autofocus maxLength={200} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}
          </Field>
          <div class="row">
            <button type="submit" class="primary" disabled={busy || reason.trim() === ""}>
              {t("unmask.ask")}
            </button>
            <button type="button" onClick={onClose}>
              {t("cancel")}
            </button>
          </div>
        </form>
      ) : (
        <>
          <p role="status">
            <span class={known.state === "granted" ? "tag tag-ok" : "tag tag-wait"}>{word("approvalState", known.state)}</span>{" "}
            {known.state === "granted" ? t("unmask.granted", { by: known.decided_by ?? "", at: minute(known.ends_at ?? known.waits_until) }) : t("unmask.waits")}
          </p>
          <div class="row">
            {known.state === "granted" && (
              <button type="button" class="primary" onClick={() => save(known.id)}>
                {t("unmask.save")}
              </button>
            )}
            <button type="button" onClick={onClose}>
              {t("close")}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
