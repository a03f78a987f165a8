import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { beginTwoFactors, confirmTwoFactors, type Enrolment, removeTwoFactors } from "../../api/upkeep";
import { t } from "../../i18n";
import { resume, session, settle } from "../../store/session";
import { Wrong } from "../../ui/formend";
import { toast } from "../../ui/toast";

/** One's second factor: set up by a code of an app, taken away by another; the recovery codes are shown once. */
export function TwoFactors() {
  const on = session.value?.user.two_factors ?? false;
  const [making, setMaking] = useState<Enrolment | null>(null);
  const [removing, setRemoving] = useState(false);
  const [codes, setCodes] = useState<string[]>([]);
  const [code, setCode] = useState("");
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function run(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      await work();
      setCode("");
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }

  const begin = (): Promise<void> => run(async () => setMaking(await beginTwoFactors()));
  const prove = (): Promise<void> =>
    run(async () => {
      if (removing) {
        await removeTwoFactors(code);
        toast(t("two.removed"), { tone: "ok" });
      } else setCodes(await confirmTwoFactors(code));
      setMaking(null);
      setRemoving(false);
      await resume();
    });

  return (
    <div class="panel">
      <h2>{t("two")}</h2>
      {codes.length > 0 ? (
        <>
          <p>{t("two.codes")}</p>
          <output class="two-codes">{codes.join("\n")}</output>
          <div class="row">
            <button type="button" class="primary" onClick={() => setCodes([])}>
              {t("two.noted")}
            </button>
          </div>
        </>
      ) : (
        <>
          <p class="muted small">{t(on ? "two.on" : "two.off")}</p>
          {making && (
            <>
              <p>{t("two.scan")}</p>
              <img class="two-qr" alt={t("two.qr")} src={`data:image/svg+xml,${encodeURIComponent(making.qr_svg)}`} />
              <output class="two-secret">{making.secret}</output>
            </>
          )}
          {making || removing ? (
            <form
              class="row"
              onSubmit={(event) => {
                event.preventDefault();
                void prove();
              }}
            >
              <input
                aria-label={t("signin.code")}
                placeholder={t("signin.code")}
                autocomplete="one-time-code"
                required
                maxLength={64}
                value={code}
                onInput={(event) => setCode(event.currentTarget.value)}
              />
              <button type="submit" class={removing ? "danger" : "primary"} disabled={busy}>
                {t(removing ? "two.remove" : "two.confirm")}
              </button>
              <button
                type="button"
                onClick={() => {
                  setMaking(null);
                  setRemoving(false);
                  setFailed(null);
                }}
              >
                {t("cancel")}
              </button>
            </form>
          ) : (
            <div class="row">
              <button type="button" class={on ? "" : "primary"} disabled={busy} onClick={() => (on ? setRemoving(true) : void begin())}>
                {t(on ? "two.remove" : "two.begin")}
              </button>
            </div>
          )}
        </>
      )}
      <Wrong problem={failed} />
    </div>
  );
}
