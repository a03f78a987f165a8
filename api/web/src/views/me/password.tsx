import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { changePassword } from "../../api/upkeep";
import { problemText, t, word } from "../../i18n";
import { settle } from "../../store/session";
import { Field } from "../../ui/field";
import { toast } from "../../ui/toast";
import { changed } from "./changes";

const LEAST = 8;
const MOST = 128;

interface Typed {
  old: string;
  next: string;
  again: string;
}

const NOTHING: Typed = { old: "", next: "", again: "" };

/** What is wrong with the new password before the hub is asked; null where nothing is. */
export function wrong({ old, next, again }: Typed): { next?: string; again?: string } | null {
  const length = [...next].length;
  if (length < LEAST || length > MOST) return { next: t("me.password.short") };
  if (next === old) return { next: t("me.password.same") };
  return next === again ? null : { again: t("me.password.differ") };
}

/** Another password, by who knows the old one. */
export function PasswordForm({ name }: { name: string }) {
  const [typed, setTyped] = useState(NOTHING);
  const [tried, setTried] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const errors = tried ? wrong(typed) : null;
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    setFailed(null);
    if (wrong(typed)) return;
    setBusy(true);
    try {
      await changePassword(typed.old, typed.next);
      setTyped(NOTHING);
      setTried(false);
      changed.value += 1;
      toast(t("me.password.changed"), { tone: "ok" });
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }
  const field = (one: keyof Typed, autocomplete: "current-password" | "new-password", error: string | null, hint?: string) => (
    <Field label={t(one === "old" ? "me.password.old" : one === "next" ? "me.password.new" : "me.password.again")} error={error} hint={hint}>
      {(wired) => (
        <input
          {...wired}
          type="password"
          name={one}
          required
          autocomplete={autocomplete}
          value={typed[one]}
          onInput={(event) => {
            setFailed(null);
            setTyped({ ...typed, [one]: event.currentTarget.value });
          }}
        />
      )}
    </Field>
  );
  return (
    <form onSubmit={(event) => void submit(event)}>
      {/* For the browser's password store. */}
      <input type="text" name="username" value={name} autocomplete="username" readOnly hidden />
      {field("old", "current-password", failed && !failed.fields[0] ? problemText(failed) : null)}
      {field("next", "new-password", errors?.next ?? (failed?.fields[0] ? word("wrong", failed.fields[0].code) : null), t("me.password.policy"))}
      {field("again", "new-password", errors?.again ?? null)}
      <p class="muted small">{t("me.password.effect")}</p>
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>
          {t("me.password.change")}
        </button>
      </div>
    </form>
  );
}
