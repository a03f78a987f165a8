import { useState } from "preact/hooks";
import type { Purpose } from "../api/types";
import { problemText, t } from "../i18n";
import { sayWhy } from "../store/casepurpose";
import { choosing, settle, unsaid } from "../store/session";

const LONGEST = 200;

/** What was refused for want of a reason in words, on every view, until one is said. */
export function UnsaidStrip() {
  if (!unsaid.value) return null;
  return (
    <p class="strip" role="status">
      <i class="dot dot-bad" /> {t("minors.unsaid")}{" "}
      <button
        type="button"
        class="quiet link"
        onClick={() => {
          choosing.value = true;
        }}
      >
        {t("reached.reason")}
      </button>
    </p>
  );
}

/** Under a case: why one looks at cameras near minors, in one's own words; the case's title is none. */
export function SayWhy({ under, done }: { under: Purpose; done: () => void }) {
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  async function say(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await sayWhy(under, reason.trim());
      done();
    } catch (err) {
      const problem = settle(err);
      setWrong(problem.fields.some((one) => one.code === "case_title") ? t("minors.title") : problemText(problem));
      setBusy(false);
    }
  }
  return (
    <form class="subform" onSubmit={(event) => void say(event)}>
      <label class="field">
        <span>{t("minors.why")}</span>
        <input
          required
          maxLength={LONGEST}
          placeholder={t("minors.example")}
          value={reason}
          onInput={(event) => {
            setReason(event.currentTarget.value);
            setWrong("");
          }}
        />
      </label>
      {wrong && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      <button type="submit" disabled={busy || reason.trim() === ""}>
        {t("minors.say")}
      </button>
    </form>
  );
}
