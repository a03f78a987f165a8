import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { type Hold, listHolds, releaseHold } from "../../api/recordings";
import type { Case } from "../../api/types";
import { listed, problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { may, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";

const LONGEST_REASON = 200;

/** What is kept from being deleted for a case, and letting go of it. */
export function Holds({ of, onClose }: { of: Case; onClose: () => void }) {
  return (
    <Dialog label={t("hold.of", { number: of.number })} onClose={onClose} wide>
      <HoldList of={of} />
    </Dialog>
  );
}

export function HoldList({ of }: { of: Case }) {
  const { value: holds, problem, again } = useAsked((until) => listHolds(of.id, until), [of.id, of.revision]);
  if (holds === null) return <Unread problem={problem} retry={again} />;
  if (holds.length === 0) return <p class="muted">{t("hold.none")}</p>;
  const marked = holds.filter((one) => one.origin === "bookmark");
  return (
    <>
      <Lines holds={holds.filter((one) => one.origin !== "bookmark")} done={again} />
      {marked.length > 0 && (
        <details>
          <summary>{t("hold.bookmarks", { n: marked.length })}</summary>
          <Lines holds={marked} done={again} />
        </details>
      )}
    </>
  );
}

const Lines = ({ holds, done }: { holds: readonly Hold[]; done: () => void }) => (
  <ul class="holds">
    {holds.map((one) => (
      <li key={one.id} class={one.active ? "panel" : "panel inactive"}>
        <Line hold={one} done={done} />
      </li>
    ))}
  </ul>
);

function Line({ hold, done }: { hold: Hold; done: () => void }) {
  const [asking, setAsking] = useState(false);
  const names = hold.cameras.map((one) => one.name);
  return (
    <>
      <p>
        <strong>{listed(hold.others > 0 ? [...names, t("hold.others", { n: hold.others })] : names)}</strong>
      </p>
      <p class="time">
        {minute(hold.from)} – {minute(hold.to)} <span class="muted">{t("hold.expires", { at: minute(hold.expires_at) })}</span>
      </p>
      <p class="muted small">
        {hold.origin === "person" ? hold.reason : word("holdOrigin", hold.origin)} · {hold.created_by} · {minute(hold.created_at)}
      </p>
      {hold.released_at !== null && <p class="muted small">{t("hold.released", { by: hold.released_by, at: minute(hold.released_at) })}</p>}
      {hold.active && !asking && may("manage_cases") && (
        <button type="button" class="small-button danger" onClick={() => setAsking(true)}>
          {t("hold.release")}
        </button>
      )}
      {asking && <Release hold={hold} done={done} cancel={() => setAsking(false)} />}
    </>
  );
}

function Release({ hold, done, cancel }: { hold: Hold; done: () => void; cancel: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function release(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await releaseHold(hold.id, reason.trim());
      toast(t("hold.release.done"), { tone: "ok" });
      done();
      cancel();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <form class="admin-form" onSubmit={(event) => void release(event)}>
      <Field label={t("hold.release.why")} hint={t("hold.release.means")} error={problem && problemText(problem)}>
        {(wired) => <input {...wired} autofocus value={reason} maxLength={LONGEST_REASON} onInput={(event) => setReason(event.currentTarget.value)} />}
      </Field>
      <div class="row">
        <button type="submit" class="danger" disabled={busy || reason.trim() === ""}>
          {t("hold.release")}
        </button>
        <button type="button" onClick={cancel}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
