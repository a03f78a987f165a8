import { t } from "../i18n";

interface Props {
  /** What goes on, in words. */
  label: string;
  /** Of `max`; left out while nobody knows. */
  value?: number | undefined;
  max?: number;
  /** What stands at the right, e.g. "1,200 / 5,000". */
  detail?: string;
  onCancel?: () => void;
}

/** Work that takes longer than one waits without a word. */
export function Progress({ label, value, max = 1, detail, onCancel }: Props) {
  return (
    <div class="progress">
      <div class="progress-head">
        <span>{label}</span>
        {detail && <span class="muted time">{detail}</span>}
      </div>
      <div class="progress-row">
        <progress aria-label={label} max={max} {...(value === undefined ? {} : { value })} />
        {onCancel && (
          <button type="button" class="small-button" onClick={onCancel}>
            {t("cancel")}
          </button>
        )}
      </div>
    </div>
  );
}
