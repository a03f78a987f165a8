import type { Step } from "../../../api/book";
import { t } from "../../../i18n";
import { Progress } from "../../../ui/progress";

interface Props {
  file: string;
  step: Step | null;
  onCancel?: () => void;
}

/** How far the hub is: of the rows, once they are counted. */
export function Working({ file, step, onCancel }: Props) {
  const counted = step !== null && step.total > 0;
  return (
    <div class="working" role="status">
      <p>{file}</p>
      <Progress
        label={t(`book.phase.${step === null ? "sending" : step.phase}`)}
        value={counted ? step.done : undefined}
        max={counted ? step.total : 1}
        {...(counted ? { detail: `${step.done} / ${step.total}` } : {})}
        {...(onCancel ? { onCancel } : {})}
      />
    </div>
  );
}
