import { useEffect, useRef, useState } from "preact/hooks";
import type { Approval, ExportAsk } from "../../../api/cases";
import { makeExport } from "../../../api/evidence";
import { problemText, t } from "../../../i18n";
import { settle } from "../../../store/session";
import { Progress } from "../../../ui/progress";
import { toast } from "../../../ui/toast";
import { megabytes } from "./export";

interface Props {
  approval: Approval & { asked: ExportAsk };
  /** It was made before: made again, it is another record. */
  again: boolean;
  done: () => void;
}

/** Has a pack made and shows how far it is; leaving the page ends the work, and nothing is left of it. */
export function Maker({ approval, again, done }: Props) {
  const [step, setStep] = useState<{ done: number; total: number } | null>(null);
  const [failed, setFailed] = useState("");
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function make(): Promise<void> {
    const work = new AbortController();
    stop.current = work;
    setFailed("");
    setStep({ done: 0, total: 1 });
    try {
      await makeExport(approval.id, (got, total) => setStep({ done: got, total }), work.signal);
      toast(t("export.made"), { tone: "ok" });
      done();
    } catch (err) {
      if (!work.signal.aborted) setFailed(problemText(settle(err)));
    }
    setStep(null);
  }

  if (step)
    return (
      <Progress
        label={t("export.making")}
        value={step.done}
        max={step.total}
        detail={`${megabytes(step.done)} / ${megabytes(step.total)}`}
        onCancel={() => stop.current?.abort()}
      />
    );
  return (
    <div class="row desk-only">
      <button type="button" class={again ? "" : "primary"} onClick={() => void make()}>
        {t(again ? "export.makeAgain" : "export.make")}
      </button>
      {failed && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
    </div>
  );
}
