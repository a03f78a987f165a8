import type { Problem } from "../api/client";
import { problemText, t } from "../i18n";

/** Why what was sent was not taken, where it was not. */
export function Wrong({ problem }: { problem: Problem | null }) {
  if (problem === null) return null;
  return (
    <p class="error" role="alert">
      {problemText(problem)}
    </p>
  );
}

interface Props {
  problem: Problem | null;
  /** What the button that sends says. */
  send: string;
  /** It cannot be sent: something is missing, or it is under way. */
  disabled: boolean;
  cancel: () => void;
}

/** How a form of a dialog ends: what is wrong with it, a button that sends it, and one that does not. */
export function FormEnd({ problem, send, disabled, cancel }: Props) {
  return (
    <>
      <Wrong problem={problem} />
      <div class="row">
        <button type="submit" class="primary" disabled={disabled}>
          {send}
        </button>
        <button type="button" onClick={cancel}>
          {t("cancel")}
        </button>
      </div>
    </>
  );
}
