import { useState } from "preact/hooks";
import { askApproval, caseCameras } from "../../../api/cases";
import type { Problem } from "../../../api/client";
import { caseMoments, MASTERS, type Moment, RECIPIENTS, type Recipient } from "../../../api/evidence";
import type { Case } from "../../../api/types";
import { t, word } from "../../../i18n";
import { parseLocal, stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { href } from "../../../store/route";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { FormEnd } from "../../../ui/formend";
import { Unread } from "../../../ui/notice";
import { toast } from "../../../ui/toast";

const AROUND_MS = 30_000;
const MOST = 30;

interface Stretch {
  camera: string;
  from: string;
  to: string;
}

interface Draft {
  kind: Recipient;
  recipient: string;
  document: string;
  purpose: string;
  basis: string;
  received: boolean;
  hours: number;
}

/** Asks a second person to let footage of the case out: what, for whom, on which document and ground. */
export function AskExport({ of, onClose, done }: { of: Case; onClose: () => void; done: () => void }) {
  const { value, problem: unread, again } = useAsked(async (until) => {
    const [cameras, moments] = await Promise.all([caseCameras(of.id, until), caseMoments(of.id, until)]);
    const known = new Map(cameras.map((one) => [one.camera_id, one.name]));
    for (const one of moments) known.set(one.camera_id, one.camera_name);
    return { known, moments };
  }, [of.id]);
  return (
    <Dialog label={t("export.ask")} onClose={onClose} wide={value !== null && value.known.size > 0}>
      {value === null ? (
        <Unread problem={unread} retry={again} />
      ) : value.known.size === 0 ? (
        <>
          <p class="hint">{t("export.noCameras")}</p>
          <a class="button primary" href={href("cases", undefined, of.id, "cameras")}>
            {t("step.cameras")}
          </a>
        </>
      ) : (
        <Form of={of} known={value.known} moments={value.moments} onClose={onClose} done={done} />
      )}
    </Dialog>
  );
}

interface FormProps {
  of: Case;
  known: ReadonlyMap<string, string>;
  moments: readonly Moment[];
  onClose: () => void;
  done: () => void;
}

function Form({ of, known, moments, onClose, done }: FormProps) {
  const first = [...known.keys()][0]!;
  const [stretches, setStretches] = useState<Stretch[]>(
    moments.length > 0 ? moments.slice(0, 1).map(around) : [{ camera: first, from: stamp(of.starts_at ?? Date.now() - 3_600_000), to: stamp(of.ends_at ?? Date.now()) }],
  );
  const [draft, setDraft] = useState<Draft>({
    kind: "investigation",
    recipient: "",
    document: "",
    purpose: t("export.purpose.default"),
    basis: t("export.basis.default"),
    received: false,
    hours: 24,
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const put = (at: number, change: Partial<Stretch>): void => setStretches(stretches.map((one, other) => (other === at ? { ...one, ...change } : one)));
  const times = stretches.map((one) => [parseLocal(one.from), parseLocal(one.to)] as const);
  const possible =
    stretches.length > 0 &&
    times.every(([from, to]) => from && to && from < to) &&
    [draft.recipient, draft.document, draft.purpose, draft.basis].every((one) => one.trim() !== "");

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const items = stretches.map((one, at) => ({
      camera_id: one.camera,
      starts_at: times[at]![0]!.toISOString(),
      ends_at: times[at]![1]!.toISOString(),
      stream: "sub" as const,
    }));
    try {
      await askApproval(
        {
          kind: "export",
          case_id: of.id,
          items,
          recipient: draft.recipient.trim(),
          recipient_kind: draft.kind,
          document: draft.document.trim(),
          purpose: draft.purpose.trim(),
          legal_basis: draft.basis.trim(),
          received: draft.received && MASTERS.includes(draft.kind),
          hours: draft.hours,
        },
        draft.purpose.trim(),
      );
      toast(t("export.asked"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="admin-form" onSubmit={(event) => void submit(event)}>
      <fieldset class="export-stretches">
        <legend>{t("export.what")}</legend>
        {stretches.map((one, at) => (
          <div key={at} class="row export-stretch">
            <select aria-label={t("export.camera")} value={one.camera} onChange={(event) => put(at, { camera: event.currentTarget.value })}>
              {[...known].map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
            <input aria-label={t("case.from")} required value={one.from} onInput={(event) => put(at, { from: event.currentTarget.value })} />
            <input aria-label={t("case.to")} required value={one.to} onInput={(event) => put(at, { to: event.currentTarget.value })} />
            <button type="button" class="quiet small-button" onClick={() => setStretches(stretches.filter((_, other) => other !== at))}>
              {t("export.span.drop")}
            </button>
          </div>
        ))}
        <div class="row">
          <button type="button" class="small-button" disabled={stretches.length >= MOST} onClick={() => setStretches([...stretches, stretches.at(-1) ?? { camera: first, from: "", to: "" }])}>
            {t("export.span.add")}
          </button>
          {moments.length > 0 && (
            <button type="button" class="small-button" onClick={() => setStretches(moments.slice(0, MOST).map(around))}>
              {t("export.fromMoments")}
            </button>
          )}
        </div>
      </fieldset>
      <Field label={t("export.kind")} hint={t(MASTERS.includes(draft.kind) ? "export.master" : "export.copy")}>
        {(wired) => (
          <select {...wired} value={draft.kind} onChange={(event) => set({ kind: event.currentTarget.value as Recipient })}>
            {RECIPIENTS.map((one) => (
              <option key={one} value={one}>
                {word("recipient", one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {MASTERS.includes(draft.kind) && (
        <label class="check">
          <input type="checkbox" checked={draft.received} onChange={(event) => set({ received: event.currentTarget.checked })} /> {t("export.received")}
        </label>
      )}
      <Field label={t("export.to")}>
        {(wired) => <input {...wired} required maxLength={64} value={draft.recipient} onInput={(event) => set({ recipient: event.currentTarget.value })} />}
      </Field>
      <Field label={t("export.document")}>
        {(wired) => (
          <input {...wired} required maxLength={64} placeholder={t("export.document.example")} value={draft.document} onInput={(event) => set({ document: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("export.purpose")}>
        {(wired) => <input {...wired} required maxLength={200} value={draft.purpose} onInput={(event) => set({ purpose: event.currentTarget.value })} />}
      </Field>
      <Field label={t("export.basis")}>
        {(wired) => <input {...wired} required maxLength={200} value={draft.basis} onInput={(event) => set({ basis: event.currentTarget.value })} />}
      </Field>
      <Field label={t("export.hours")}>
        {(wired) => <input {...wired} type="number" min={1} max={744} value={draft.hours} onInput={(event) => set({ hours: event.currentTarget.valueAsNumber })} />}
      </Field>
      <FormEnd problem={problem} send={t("export.send")} disabled={busy || !possible} cancel={onClose} />
    </form>
  );
}

function around(one: Moment): Stretch {
  const at = Date.parse(one.at);
  return { camera: one.camera_id, from: stamp(at - AROUND_MS), to: stamp(at + AROUND_MS) };
}
