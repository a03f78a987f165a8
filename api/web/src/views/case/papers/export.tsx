import { useState } from "preact/hooks";
import { type Custody, type EvidenceExport, exportUrl, grouped } from "../../../api/evidence";
import { problemText, t, word } from "../../../i18n";
import { minute, stamp } from "../../../i18n/time";
import { may, settle } from "../../../store/session";
import { Icon } from "../../../ui/icon";
import { toast } from "../../../ui/toast";
import { HandingOver } from "./handover";

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** One pack: what it is, to fetch it, and who had it in hand. */
export function ExportCard({ one, done }: { one: EvidenceExport; done: () => void }) {
  const [handing, setHanding] = useState(false);
  const [busy, setBusy] = useState(false);

  async function fetchIt(): Promise<void> {
    setBusy(true);
    try {
      const link = document.createElement("a");
      link.href = await exportUrl(one.id);
      link.download = `${one.name}.zip`;
      link.click();
      // The fetch is a step of custody: it is there once the hub began to send.
      setTimeout(done, 1500);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }

  return (
    <>
      <div class="case-head">
        <h3>{one.name}</h3>
        <span class="tag">{t("export.version", { n: one.version })}</span>
        {one.supersedes && <span class="muted small">{t("export.supersedes")}</span>}
        <span class="grow" />
        <span class="muted small">
          {one.made_by} · {stamp(one.made_at)}
        </span>
      </div>
      <dl class="case-facts">
        <dt>{t("export.to")}</dt>
        <dd>
          {one.asked.recipient} <span class="tag">{word("recipient", one.asked.recipient_kind)}</span>
        </dd>
        <dt>{t("export.document")}</dt>
        <dd>{one.asked.document}</dd>
        <dt>{t("export.what")}</dt>
        <dd>
          {t("export.files", { n: one.files, mb: megabytes(one.bytes) })}
          {one.left_out > 0 && <strong class="bad-word"> {t("export.leftOut", { n: one.left_out })}</strong>}
        </dd>
        <dt>{t("export.digest")}</dt>
        <dd>
          <code class="small">{one.digest}</code>
        </dd>
        <dt>{t("export.fingerprint")}</dt>
        <dd>
          <code>{grouped(one.key)}</code>
        </dd>
      </dl>
      <h4>{t("export.custody")}</h4>
      <ol class="custody">
        {one.custody.map((step, at) => (
          <Step key={at} step={step} />
        ))}
      </ol>
      <p class="muted small">{one.purged_at === null ? t("export.keptUntil", { at: minute(one.kept_until) }) : t("export.gone")}</p>
      {may("export") && (
        <div class="row desk-only">
          {one.purged_at === null && (
            <button type="button" class="primary" disabled={busy} title={t("export.fetch.why")} onClick={() => void fetchIt()}>
              <Icon name="export" /> {t("export.fetch")}
            </button>
          )}
          <button type="button" onClick={() => setHanding(true)}>
            {t("export.hand")}
          </button>
        </div>
      )}
      {handing && (
        <HandingOver
          of={one}
          onClose={() => setHanding(false)}
          done={() => {
            setHanding(false);
            done();
          }}
        />
      )}
    </>
  );
}

function Step({ step }: { step: Custody }) {
  return (
    <li>
      <span class="time">{stamp(step.handed_at ?? step.at)}</span> <strong>{word("custody", step.step)}</strong>{" "}
      {step.step === "handed" && (
        <>
          {step.recipient}（{step.recipient_unit}
          {step.document && `，${step.document}`}）· {step.medium && word("medium", step.medium)} · {t(step.told ? "export.told" : "export.untold")}
          {step.note && ` · ${step.note}`}{" "}
        </>
      )}
      <span class="muted small">
        {step.by_name} {step.by_unit}
      </span>
    </li>
  );
}
