import { useEffect, useState } from "preact/hooks";
import { Problem } from "../api/client";
import { problemText, t } from "../i18n";
import { ended, signIn } from "../store/session";
import { LanguageSwitch } from "./header";
import mark from "../mark.svg";

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  /** Of the second factor; null until the hub asks for it. */
  const [code, setCode] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const wait = useCountdown(problem);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(name.trim(), password, code);
    } catch (err) {
      if (!(err instanceof Problem)) throw err;
      setBusy(false);
      if (err.code === "code_required") {
        setCode("");
        return;
      }
      setProblem(err);
    }
  }

  return (
    <main class="signin">
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <div class="signin-head">
          <img src={mark} width="40" height="40" alt="" />
          <div>
            <h1>{t("product")}</h1>
            <p class="muted">{t("product.sub")}</p>
          </div>
        </div>
        {ended.value === "session" && <p class="hint">{t("ended.session")}</p>}
        <label class="field">
          <span>{t("signin.name")}</span>
          <input
            name="name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{t("signin.password")}</span>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {code !== null && (
          <label class="field">
            <span>{t("signin.code")}</span>
            <input
              name="code"
              autocomplete="one-time-code"
              autocapitalize="characters"
              spellcheck={false}
              required
              autofocus
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
            <span class="muted small">{t("signin.code.hint")}</span>
          </label>
        )}
        {problem && (
          <p class="error" role="alert">
            {wait > 0 ? t("signin.wait", { n: wait }) : problemText(problem)}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy || wait > 0}>
          {busy ? t("signin.busy") : t("signin.go")}
        </button>
        <p class="muted small">{t("signin.notice")}</p>
      </form>
      <LanguageSwitch />
    </main>
  );
}

/** Seconds left of a throttle, 0 when there is none. */
function useCountdown(problem: Problem | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (problem?.status !== 429) {
      setLeft(0);
      return undefined;
    }
    const until = Date.now() + Number(problem.params.retry_after_s ?? 60) * 1000;
    const tick = (): void => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}
